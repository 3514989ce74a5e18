"""Supersession: a decision that a later one replaces ends, and is never erased.

Which decision is the later one is settled by the time since when it holds, and between equal times by the id.
So a chain of decisions only ever leads on in time: it cannot come back to where it began.
"""

from dataclasses import dataclass
from datetime import datetime

from shared.contracts.knowledge import AtomType, ReviewStatus


@dataclass(frozen=True, slots=True)
class Decision:
    """What of an atom matters here.

    Attributes:
        since: When it was decided.
    """

    id: int
    type: AtomType
    status: ReviewStatus
    since: datetime


def is_later(later: Decision, earlier: Decision) -> bool:
    """Whether one was decided after the other."""
    return (later.since, later.id) > (earlier.since, earlier.id)


def refusal(earlier: Decision, later: Decision) -> str | None:
    """Why the later one cannot replace the earlier one, in a sentence; None when it can."""
    for atom in (earlier, later):
        if atom.type != "decision":
            return f"Atom {atom.id} is of type {atom.type}: only a decision supersedes another one."
    for atom in (earlier, later):
        if atom.status != "approved":
            return f"Atom {atom.id} is not approved: approve it first."
    if not is_later(later, earlier):
        return (
            f"Atom {later.id} ({later.since:%Y-%m-%d %H:%M}) is not later than"
            f" atom {earlier.id} ({earlier.since:%Y-%m-%d %H:%M}): only a later decision supersedes another."
        )
    return None
