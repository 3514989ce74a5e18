"""Records of scoring."""

from tasktracker.record import Record


class ScoringStats(Record, frozen=True, kw_only=True):
    """Counts of what was scored.

    Attributes:
        total: Messages with a score.
        by_class: Messages a class, corrections included; every class is present.
        corrections: Messages whose class a person corrected.
        mean_score: Mean importance in 0..1; None when nothing was scored.
        scorer_version: The version that scores now.
        outdated: Messages whose score is of an earlier version.
    """

    total: int
    by_class: dict[str, int]
    corrections: int
    mean_score: float | None = None
    scorer_version: str
    outdated: int = 0
