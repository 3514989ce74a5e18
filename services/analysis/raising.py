"""What a project says of a proposal: which component it is about, and how urgent it is at least. Pure."""

from collections.abc import Sequence

from services.analysis.keywords import has_word, prepare
from shared.contracts.projects import Component, PriorityRule
from shared.contracts.proposals import Priority

URGENCY: tuple[Priority, ...] = ("low", "medium", "high", "critical")
"""Priorities, the least urgent first."""


def more_urgent(one: Priority, other: Priority) -> Priority:
    """The more urgent of two priorities."""
    return max(one, other, key=URGENCY.index)


def at_least(priority: Priority, said: str, rules: Sequence[PriorityRule]) -> Priority:
    """A priority, raised to what the rules ask for that have a word in what is said; never lowered."""
    for rule in rules:
        if has_word(said, rule.keywords):
            priority = more_urgent(priority, rule.priority)
    return priority


def component_of(named: str | None, said: str, components: Sequence[Component]) -> str | None:
    """The component that is named, or else the one most of whose keywords are in what is said.

    Returns:
        A name as the project has it; None when none is named that it has, and no keyword is said.
    """
    by_name = {component.name.casefold(): component.name for component in components}
    if named is not None and (known := by_name.get(" ".join(named.split()).casefold())) is not None:
        return known
    counted = [(len(prepare(each.keywords).found_in(said)), each.name) for each in components]
    hits, best = max(counted, key=lambda each: each[0], default=(0, ""))
    return best if hits else None
