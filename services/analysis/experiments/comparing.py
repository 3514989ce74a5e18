"""Comparing two experiments on the same snapshot, message by message."""

from uuid import UUID

from services.analysis.metrics import mcnemar
from services.analysis.repository.experiment_results import count_agreement, differing_results
from services.analysis.repository.experiments import get_experiment
from shared.contracts.errors import QueryError
from shared.contracts.experiments import Comparison, ExperimentRecord
from shared.messaging.transaction import transaction

_MOST_DIFFERING = 200


async def compare(first_id: UUID, second_id: UUID) -> Comparison:
    """Whether one of two experiments was better, and on which messages.

    Raises:
        QueryError: `not_found`; `conflict` when they have not both completed, or not on the same messages.
    """
    async with transaction() as tx:
        first, second = await get_experiment(tx, first_id), await get_experiment(tx, second_id)
        _refuse_unlike(first, second)
        counts = await count_agreement(tx, first_id, second_id)
        differing = await differing_results(tx, first_id, second_id, _MOST_DIFFERING)
    only_first, only_second = counts.get((True, False), 0), counts.get((False, True), 0)
    test = mcnemar(only_first, only_second)
    return Comparison(
        first=first,
        second=second,
        both_right=counts.get((True, True), 0),
        only_first=only_first,
        only_second=only_second,
        neither_right=counts.get((False, False), 0),
        statistic=test.statistic,
        p_value=test.p_value,
        exact=test.exact,
        differing=differing,
    )


def _refuse_unlike(first: ExperimentRecord, second: ExperimentRecord) -> None:
    for each in (first, second):
        if each.status != "completed":
            raise QueryError(
                "conflict",
                f"The experiment {each.name!r} is {each.status}; only completed ones are compared.",
            )
    if first.snapshot_id != second.snapshot_id:
        raise QueryError(
            "conflict",
            f"{first.name!r} and {second.name!r} classified different messages. To compare, begin an "
            f"experiment with snapshot_of {first.id}.",
        )
