"""How good a run's proposals were, by what people decided of them. Pure."""

from dataclasses import dataclass

from shared.contracts.runs import RunAccuracy


@dataclass(frozen=True)
class Decided:
    """What people decided of a run's proposals, counted.

    Attributes:
        edited_approved: Those of `approved` that a person changed first.
        recommended: Decided ones that the run recommended to approve or to reject.
        agreed: Those of `recommended` that were decided so; merged counts as approved.
        squared_error: Sum over the decided ones of (confidence - outcome)², the outcome being 1 when
            approved or merged and 0 when rejected.
    """

    approved: int
    rejected: int
    merged: int
    edited_approved: int
    recommended: int
    agreed: int
    squared_error: float


def accuracy_of(decided: Decided) -> RunAccuracy:
    """The rates that these counts come to, each None where its denominator is zero.

    The Brier score is after Brier, G. W. (1950): Verification of forecasts expressed in terms of probability.
    """
    taken = decided.approved + decided.merged
    total = taken + decided.rejected
    return RunAccuracy(
        approval_rate=_share(taken, total),
        rejection_rate=_share(decided.rejected, total),
        edited_rate=_share(decided.edited_approved, decided.approved),
        agreement_rate=_share(decided.agreed, decided.recommended),
        brier_score=_share(decided.squared_error, total),
    )


def _share(part: float, whole: int) -> float | None:
    return part / whole if whole else None
