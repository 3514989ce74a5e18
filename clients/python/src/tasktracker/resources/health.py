"""HealthChecks of the API, by `client.health`."""

from tasktracker.records.health import Health, ServicesHealth
from tasktracker.resource import Resource


class HealthChecks(Resource):
    """Is everything up?"""

    def get(self) -> Health:
        """Health of the gateway.

        What the gateway needs, each by its name. It serves what it can while one is missing.
        """
        return self._ask("GET", "/health", Health, also=(503,))

    def live(self) -> Health:
        """Does the gateway run?

        Answers as long as the process takes requests, whatever else is missing.
        """
        return self._ask("GET", "/health/live", Health)

    def ready(self) -> Health:
        """Health of the gateway.

        What the gateway needs, each by its name. It serves what it can while one is missing.
        """
        return self._ask("GET", "/health/ready", Health, also=(503,))

    def services(self) -> ServicesHealth:
        """Health of every service.

        Each service's own readiness, asked for at once, each within three seconds.
        """
        return self._ask("GET", "/health/services", ServicesHealth, also=(503,))
