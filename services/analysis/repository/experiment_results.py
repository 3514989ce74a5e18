"""Results of experiments: kept once a message, listed, measured, compared."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import Select, and_, func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import aliased

from services.analysis.experiments.measuring import Outcome
from services.analysis.tables import ClassificationExperiment, ExperimentLabel, ExperimentResultRow
from shared.contracts.experiments import Alternative, DifferingResult, ExperimentResult
from shared.messaging.transaction import Transaction

_LONGEST_SHOWN = 500
_RESULT, _LABEL, _EXPERIMENT = ExperimentResultRow, ExperimentLabel, ClassificationExperiment


async def insert_results(tx: Transaction, experiment_id: UUID, results: Sequence[ExperimentResult]) -> None:
    """Keep results of messages that have none yet; the experiment's row is locked."""
    rows = [
        {
            "experiment_id": experiment_id,
            "message_id": result.message_id,
            "predicted_id": result.predicted_id,
            "confidence": result.confidence,
            "alternatives": msgspec.to_builtins(result.alternatives),
            "reasoning": result.reasoning,
            "duration_ms": result.duration_ms,
            "error": result.error,
        }
        for result in results
    ]
    if rows:
        await tx.execute(insert(_RESULT).on_conflict_do_nothing(), rows)


async def count_results(tx: Transaction, experiment_id: UUID) -> int:
    """How many messages an experiment has classified."""
    statement = select(func.count()).where(_RESULT.experiment_id == experiment_id)
    return int((await tx.execute(statement)).scalar_one())


async def list_results(
    tx: Transaction, experiment_id: UUID, *, wrong: bool, after_id: int, most: int
) -> list[ExperimentResult]:
    """The next results in the order of their messages' ids; wrong ones alone when asked for."""
    statement = (
        select(
            _LABEL.message_id,
            _LABEL.text,
            _LABEL.topic_id.label("actual_id"),
            _RESULT.predicted_id,
            _RESULT.confidence,
            _RESULT.alternatives,
            _RESULT.reasoning,
            _RESULT.duration_ms,
            _RESULT.error,
        )
        .select_from(_EXPERIMENT)
        .join(_LABEL, _LABEL.snapshot_id == _EXPERIMENT.snapshot_id)
        .join(_RESULT, _of(_RESULT))
        .where(_EXPERIMENT.id == experiment_id, _LABEL.message_id > after_id)
        .order_by(_LABEL.message_id)
        .limit(most)
    )
    if wrong:
        statement = statement.where(_RESULT.predicted_id.is_distinct_from(_LABEL.topic_id))
    return [_result(row) for row in await tx.execute(statement)]


async def outcomes(tx: Transaction, experiment_id: UUID) -> list[Outcome]:
    """All results as they are measured, in the order of their messages' ids."""
    statement = (
        select(_LABEL.topic_id, _RESULT.predicted_id, _RESULT.confidence, _RESULT.duration_ms)
        .select_from(_EXPERIMENT)
        .join(_LABEL, _LABEL.snapshot_id == _EXPERIMENT.snapshot_id)
        .join(_RESULT, _of(_RESULT))
        .where(_EXPERIMENT.id == experiment_id)
        .order_by(_LABEL.message_id)
    )
    return [
        Outcome(row.topic_id, row.predicted_id, row.confidence, row.duration_ms)
        for row in await tx.execute(statement)
    ]


async def count_agreement(tx: Transaction, first_id: UUID, second_id: UUID) -> dict[tuple[bool, bool], int]:
    """On how many messages of their snapshot the first and the second were right."""
    pairs = _pairs(first_id, second_id).subquery()
    statement = select(pairs.c.first_right, pairs.c.second_right, func.count().label("messages")).group_by(
        pairs.c.first_right, pairs.c.second_right
    )
    return {(row.first_right, row.second_right): row.messages for row in await tx.execute(statement)}


async def differing_results(
    tx: Transaction, first_id: UUID, second_id: UUID, most: int
) -> list[DifferingResult]:
    """Messages that only one of them got right, in id order."""
    pairs = _pairs(first_id, second_id).subquery()
    statement = (
        select(
            pairs.c.message_id,
            func.left(pairs.c.text, _LONGEST_SHOWN).label("text"),
            pairs.c.actual_id,
            pairs.c.first_id,
            pairs.c.second_id,
        )
        .where(pairs.c.first_right != pairs.c.second_right)
        .order_by(pairs.c.message_id)
        .limit(most)
    )
    return [
        DifferingResult(**row._mapping)  # noqa: SLF001 - SQLAlchemy's own name for a row as a mapping
        for row in await tx.execute(statement)
    ]


def _of(result: Any) -> Any:
    return and_(result.experiment_id == _EXPERIMENT.id, result.message_id == _LABEL.message_id)


def _pairs(first_id: UUID, second_id: UUID) -> Select[*tuple[Any, ...]]:
    first, second = aliased(_RESULT), aliased(_RESULT)
    return (
        select(
            _LABEL.message_id,
            _LABEL.text,
            _LABEL.topic_id.label("actual_id"),
            first.predicted_id.label("first_id"),
            second.predicted_id.label("second_id"),
            first.predicted_id.is_not_distinct_from(_LABEL.topic_id).label("first_right"),
            second.predicted_id.is_not_distinct_from(_LABEL.topic_id).label("second_right"),
        )
        .select_from(_EXPERIMENT)
        .join(_LABEL, _LABEL.snapshot_id == _EXPERIMENT.snapshot_id)
        .join(first, _of(first))
        .join(second, and_(second.experiment_id == second_id, second.message_id == _LABEL.message_id))
        .where(_EXPERIMENT.id == first_id)
    )


def _result(row: Any) -> ExperimentResult:
    given = dict(row._mapping)  # noqa: SLF001 - SQLAlchemy's own name for a row as a mapping
    given["alternatives"] = msgspec.convert(given["alternatives"], list[Alternative])
    return ExperimentResult(**given)
