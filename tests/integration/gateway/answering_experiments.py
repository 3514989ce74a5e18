"""Experiments that answer every query with an example, or with a refusal, and remember what came."""

from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import msgspec

from services.gateway.routes.experiment_examples import (
    BEGUN_EXPERIMENT,
    CANCELLED_EXPERIMENT,
    COMPARISON,
    CONFIRMED,
    EXPERIMENT,
    LABEL,
    RESULT,
)
from shared.contracts.base import Query
from shared.contracts.errors import QueryError
from shared.contracts.experiments import (
    CancelExperiment,
    CompareExperiments,
    CreateExperiment,
    DeleteExperiment,
    ExperimentPage,
    GetExperiment,
    ListExperimentResults,
    ListExperiments,
    ResultPage,
)
from shared.contracts.topics import LabelMessages, LabelPage, ListLabels
from shared.messaging.queries import Handler
from shared.telemetry import current_run_id

ANSWERS: dict[type[Query[Any]], Any] = {
    GetExperiment: EXPERIMENT,
    ListExperiments: ExperimentPage(items=[EXPERIMENT]),
    ListExperimentResults: ResultPage(items=[RESULT], next_cursor="WzFd"),
    CancelExperiment: CANCELLED_EXPERIMENT,
    DeleteExperiment: None,
    CompareExperiments: COMPARISON,
    LabelMessages: [LABEL],
    ListLabels: LabelPage(items=[LABEL, CONFIRMED], next_after_id=CONFIRMED.message_id),
}


@dataclass
class Experiments:
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
        return dict.fromkeys(ANSWERS, self._answering) | {CreateExperiment: self._create}

    async def _answering(self, query: Any) -> Any:
        self._note(query)
        return ANSWERS[type(query)]

    async def _create(self, query: CreateExperiment) -> Any:
        self._note(query)
        return msgspec.structs.replace(BEGUN_EXPERIMENT, id=query.experiment_id)

    def _note(self, query: Any) -> None:
        self.asked.append(query)
        self.chains.append(current_run_id())
        if self.refusal is not None:
            raise self.refusal
