"""Analysis' runs, which answer every query with an example, or with a refusal, and remember what came."""

from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import msgspec

from services.gateway.routes.work_examples import MADE_RUN, RUN
from shared.contracts.base import Query
from shared.contracts.errors import QueryError
from shared.contracts.runs import (
    CancelRun,
    CloseRun,
    CreateRun,
    GetRun,
    ListRuns,
    RetryRun,
    RunPage,
    StartRun,
)
from shared.messaging.queries import Handler
from shared.telemetry import current_run_id

ANSWERS: dict[type[Query[Any]], Any] = {
    StartRun: msgspec.structs.replace(RUN, status="running"),
    RetryRun: msgspec.structs.replace(RUN, status="running"),
    CancelRun: msgspec.structs.replace(RUN, status="cancelled"),
    CloseRun: msgspec.structs.replace(RUN, status="closed"),
    GetRun: RUN,
    ListRuns: RunPage(items=[RUN]),
}


@dataclass
class Runs:
    """What it refuses, which queries came, and of which chains."""

    asked: list[Any] = field(default_factory=list)
    chains: list[UUID | None] = field(default_factory=list)
    refusal: QueryError | None = None

    def clear(self) -> None:
        """Remember nothing and refuse nothing."""
        self.asked.clear()
        self.chains.clear()
        self.refusal = None

    def handlers(self) -> dict[type, Handler]:
        """One for each query."""
        return dict.fromkeys(ANSWERS, self._answering) | {CreateRun: self._create}

    async def _answering(self, query: Any) -> Any:
        self._note(query)
        return ANSWERS[type(query)]

    async def _create(self, query: CreateRun) -> Any:
        self._note(query)
        return msgspec.structs.replace(MADE_RUN, id=query.run_id)

    def _note(self, query: Any) -> None:
        self.asked.append(query)
        self.chains.append(current_run_id())
        if self.refusal is not None:
            raise self.refusal
