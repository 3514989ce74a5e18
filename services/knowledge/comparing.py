"""What comparing topics and comparing atoms have in common. Pure.

Nothing here is transitive: what was found is at most one known thing, by a comparison of these two alone, and
that two found ones are the same as a third does not make them the same.
"""

from collections.abc import Mapping, Sequence

from services.knowledge.known import Near
from services.knowledge.matches import Pair
from shared.llm.wording import clean

SURE_ENOUGH = 0.6
"""From this confidence on an answer that something is known already is believed."""


def pairs_of(near: Sequence[Sequence[Near]], numbers: Mapping[int, int]) -> list[Pair]:
    """Which found and known things are to be compared, by their numbers in the question.

    Args:
        near: What is near to each found thing.
        numbers: The numbers of the known things by their ids.
    """
    return [
        Pair(found=number, known=numbers[each.id], similarity=round(each.similarity, 2))
        for number, neighbours in enumerate(near, start=1)
        for each in neighbours
        if each.id in numbers
    ]


def change_of(wanted: str | None, present: str) -> str | None:
    """What a text is to become; None when that is nothing new."""
    changed = clean(wanted or "")
    return changed if changed and folded(changed) != folded(present) else None


def folded(text: str) -> str:
    """What two texts that say the very same have in common."""
    return " ".join(text.split()).casefold().rstrip(".")
