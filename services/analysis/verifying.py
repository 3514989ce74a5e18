"""What of an answer holds: proposals whose quotes stand word for word in the messages that they name. Pure.

An answer can be wrong in any way, or be what a message talked the model into. Nothing of it is believed that
can be looked up: quotes, numbers, components, details. What is merely too long is cut.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import msgspec

from services.analysis.answers import Batch, Proposals, ProposedTask, Quote
from services.analysis.raising import at_least, component_of
from services.analysis.reading_details import read_details
from services.analysis.tidying import cut, distinct, one_line
from shared.contracts.projects import ProjectRecord
from shared.contracts.proposals import Category, Priority, Recommendation
from shared.evidence.citations import find_quote
from shared.evidence.leaks import Secrets
from shared.llm.wording import clean

MOST_SURE_BY_RULES = 0.6
"""What rules propose is never surer."""

LONGEST_TITLE = 200
_LONGEST_DESCRIPTION, _LONGEST_REASONING = 10_000, 4000
_LONGEST_TAG, _MOST_TAGS = 50, 10
_LONGEST_SUB_TASK, _MOST_SUB_TASKS = 500, 30
_MOST_QUOTES = 20


@dataclass(frozen=True, slots=True)
class Proof:
    """A verified quote: the number of its line, and the words exactly as they stand there."""

    line: int
    words: str


@dataclass(frozen=True, slots=True)
class FoundTask:
    """A proposal that holds, with at least one proof; `repeats` is the number of an earlier one, if any."""

    title: str
    description: str
    category: Category
    priority: Priority
    tags: tuple[str, ...]
    sub_tasks: tuple[str, ...]
    component: str | None
    details: dict[str, Any] | None
    proofs: tuple[Proof, ...]
    confidence: float
    reasoning: str
    recommendation: Recommendation
    repeats: int | None


@dataclass(frozen=True, slots=True)
class Found:
    """What holds of an answer, and how much did not."""

    tasks: tuple[FoundTask, ...]
    quotes_dropped: int
    tasks_dropped: int


def verify(
    answer: Proposals, asked: Batch, project: ProjectRecord, secrets: Secrets, *, basic_mode: bool
) -> Found:
    """Keep of an answer what holds.

    Args:
        answer: What the agent said.
        asked: What it was given.
        project: As the run has frozen it; its components and priority rules count.
        secrets: What a proposal is not to repeat, unless a line says it, too.
        basic_mode: Whether rules answered: their confidence never exceeds 0.6.
    """
    lines = {line.number: line.text for line in asked.lines}
    hidden = secrets.besides(lines.values())
    found: list[FoundTask] = []
    quotes_dropped = 0
    for task in answer.proposals:
        proofs, invented = _proofs(task.quotes, lines)
        quotes_dropped += invented
        sound = _sound(task, proofs, asked, basic_mode=basic_mode)
        if sound is not None and not hidden.are_in(*_texts(sound)):
            found.append(_fitted(sound, project))
    dropped = len(answer.proposals) - len(found)
    return Found(_without_repetitions(found), quotes_dropped, dropped)


def _proofs(quotes: Iterable[Quote], lines: Mapping[int, str]) -> tuple[tuple[Proof, ...], int]:
    """The quotes that stand in the lines that they name, and how many do not."""
    proofs, invented = [], 0
    for quote in quotes:
        cited = find_quote(lines.get(quote.message, ""), quote.text)
        if cited is None:
            invented += 1
        else:
            proofs.append(Proof(quote.message, cited.words))
    return tuple(dict.fromkeys(proofs))[:_MOST_QUOTES], invented


def _sound(
    task: ProposedTask, proofs: tuple[Proof, ...], asked: Batch, *, basic_mode: bool
) -> FoundTask | None:
    """A proposal in the form in which it is kept; None when nothing proves it, or it has no title."""
    title = cut(one_line(task.title), LONGEST_TITLE).rstrip(" .,;:")
    if not proofs or not title:
        return None
    details, note = read_details(asked.details_schema, task.details, asked.language)
    known = {earlier.number for earlier in asked.earlier_proposals}
    return FoundTask(
        title=title,
        description=cut(clean(task.description), _LONGEST_DESCRIPTION),
        category=task.category,
        priority=task.priority,
        tags=distinct((tag.lower() for tag in task.tags), longest=_LONGEST_TAG, most=_MOST_TAGS),
        sub_tasks=distinct(task.sub_tasks, longest=_LONGEST_SUB_TASK, most=_MOST_SUB_TASKS),
        component=task.component,
        details=details,
        proofs=proofs,
        confidence=min(task.confidence, MOST_SURE_BY_RULES if basic_mode else 1.0),
        reasoning=cut(clean(f"{task.reasoning} {note}"), _LONGEST_REASONING),
        recommendation=task.recommendation,
        repeats=task.repeats if task.repeats in known else None,
    )


def _texts(task: FoundTask) -> list[str]:
    """All that a model has put into words of its own."""
    details = [] if task.details is None else [msgspec.json.encode(task.details).decode()]
    return [task.title, task.description, *task.tags, *task.sub_tasks, task.reasoning, *details]


def _fitted(task: FoundTask, project: ProjectRecord) -> FoundTask:
    """With what the project says: its components by their names or keywords, its rules of urgency."""
    said = "\n".join((task.title, task.description, *task.tags, *(proof.words for proof in task.proofs)))
    return replace(
        task,
        component=component_of(task.component, said, project.components),
        priority=at_least(task.priority, said, project.priority_rules),
    )


def _without_repetitions(found: Sequence[FoundTask]) -> tuple[FoundTask, ...]:
    """Proposals with the same title, or the very same quotes and category, made one."""
    kept: list[FoundTask] = []
    places: dict[object, int] = {}
    for task in found:
        keys = (" ".join(task.title.casefold().split()), (frozenset(task.proofs), task.category))
        place = next((places[key] for key in keys if key in places), len(kept))
        if place == len(kept):
            kept.append(task)
        else:
            kept[place] = _together(kept[place], task)
        for key in keys:
            places.setdefault(key, place)
    return tuple(kept)


def _together(one: FoundTask, other: FoundTask) -> FoundTask:
    return replace(
        one,
        tags=tuple(dict.fromkeys(one.tags + other.tags))[:_MOST_TAGS],
        sub_tasks=tuple(dict.fromkeys(one.sub_tasks + other.sub_tasks))[:_MOST_SUB_TASKS],
        component=one.component or other.component,
        details=one.details if one.details is not None else other.details,
        proofs=tuple(dict.fromkeys(one.proofs + other.proofs))[:_MOST_QUOTES],
        confidence=max(one.confidence, other.confidence),
        repeats=one.repeats or other.repeats,
    )
