"""Usage of the API, by `client.usage`."""

from collections.abc import Iterator
from datetime import datetime
from uuid import UUID

from tasktracker.records.usage import LlmCall, LlmCallPage, UsageItems
from tasktracker.resource import Resource, every


class Usage(Resource):
    """What language models cost."""

    def calls(
        self, run_id: UUID | str, *, cursor: str | None = None, limit: int | None = None
    ) -> LlmCallPage:
        """List the calls of a run.

        Each call that a run made, with its tokens, cost and time, and why it failed if it did.

        Args:
            run_id: The run in which they were made.
            cursor: `next_cursor` of the page before; absent for the first.
            limit: Items a page at the most.
        """
        return self._ask(
            "GET",
            "/api/v1/llm/calls",
            LlmCallPage,
            query={"run_id": run_id, "cursor": cursor, "limit": limit},
        )

    def iterate_calls(self, run_id: UUID | str, *, limit: int | None = None) -> Iterator[LlmCall]:
        """All items of `calls`, page after page, each page asked for when it is needed."""
        return every(lambda cursor: self.calls(run_id=run_id, limit=limit, cursor=cursor))

    def usage(
        self,
        *,
        since: datetime | None = None,
        until: datetime | None = None,
        run_id: UUID | str | None = None,
    ) -> UsageItems:
        """Count what language models cost.

        Calls, tokens and cost by provider, model and task. Calls are kept for 400 days, unless set
        otherwise.

        Costs are by the prices that the provider had when the call was made.

        Args:
            since: Only calls made at or after this time; UTC when it has no zone.
            until: Only calls made before this time; UTC when it has no zone.
            run_id: Only calls of this run.
        """
        return self._ask(
            "GET", "/api/v1/llm/usage", UsageItems, query={"since": since, "until": until, "run_id": run_id}
        )
