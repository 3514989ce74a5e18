"""Workers of the API, by `client.workers`."""

from tasktracker.records.workers import WorkerItems
from tasktracker.resource import Resource


class Workers(Resource):
    """Every background task: what there is, how one goes, starting one."""

    def list(self) -> WorkerItems:
        """List workers.

        Each worker process with what it runs at this moment, as it said itself within the last two seconds.

        One that was killed is listed for a quarter of a minute more; `beat_at` tells. They come all at
        once.
        """
        return self._ask("GET", "/api/v1/tasks/workers", WorkerItems)
