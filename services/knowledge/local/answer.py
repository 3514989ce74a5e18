"""Putting what was found into the shapes of the answer: every word of it is quoted."""

from collections import Counter
from collections.abc import Sequence

from services.knowledge.answers import ExtractedAtom, ExtractedTopic, Extraction, Quote
from services.knowledge.local.atoms import HIGHEST_CONFIDENCE
from services.knowledge.local.dialogue import Turn
from services.knowledge.local.draft import Draft, quoted
from services.knowledge.local.links import links
from services.knowledge.local.titles import settled_title, title

_ICONS = {
    "problem": "⚠️",
    "solution": "🔧",
    "decision": "✅",
    "question": "❓",
    "insight": "💡",
    "pattern": "🔁",
    "requirement": "📌",
}
_NO_ICON = "💬"
_LONGEST_WHOLE = 300
_SHORT = 6
_LONGEST_DESCRIPTION = 1000
_MOST_QUOTES = 20


def answer(
    turns: Sequence[Turn], drafts: Sequence[Draft], topics: Sequence[Sequence[int]], names: Sequence[str]
) -> Extraction:
    """The extraction: atoms in the order said.

    Args:
        turns: The conversation.
        drafts: Its atoms.
        topics: Places of drafts by topic.
        names: Of the topics; those with the same name become one.
    """
    topic_of = {place: name for topic, name in zip(topics, names, strict=True) for place in topic}
    together: dict[str, list[int]] = {}
    for place in sorted(topic_of):
        together.setdefault(topic_of[place], []).append(place)
    return Extraction(
        topics=[
            _topic(turns, name, [drafts[place] for place in places]) for name, places in together.items()
        ],
        atoms=[_atom(turns, draft, topic_of[place]) for place, draft in enumerate(drafts)],
        links=links(turns, drafts, list(together.values())),
    )


def _topic(turns: Sequence[Turn], name: str, drafts: Sequence[Draft]) -> ExtractedTopic:
    """A topic, described by the surest of its atoms."""
    surest = max(
        drafts, key=lambda draft: (draft.confidence, draft.type in {"problem", "question"}, -draft.turn)
    )
    counts = Counter(draft.type for draft in drafts)
    kind, most = min(counts.items(), key=lambda entry: (-entry[1], list(_ICONS).index(entry[0])))
    confidence = 0.3 + 0.05 * min(len(drafts), 4) + 0.2 * max(draft.confidence for draft in drafts)
    return ExtractedTopic(
        name=name,
        description=quoted(turns, surest.spans[0])[:_LONGEST_DESCRIPTION],
        icon=_ICONS[kind] if 2 * most >= len(drafts) else _NO_ICON,
        confidence=round(min(HIGHEST_CONFIDENCE, confidence), 2),
    )


def _atom(turns: Sequence[Turn], draft: Draft, topic: str) -> ExtractedAtom:
    return ExtractedAtom(
        type=draft.type,
        topic=topic,
        title=_title(draft),
        content=_content(turns, draft),
        confidence=draft.confidence,
        quotes=[
            Quote(message=turns[span.turn].line.number, text=quoted(turns, span))
            for span in draft.spans[:_MOST_QUOTES]
        ],
    )


def _title(draft: Draft) -> str:
    said = draft.main.unit.sentence.text
    return title(said) if draft.settles is None else settled_title(draft.settles.sentence.text, said)


def _content(turns: Sequence[Turn], draft: Draft) -> str:
    """What was said, in full when that is short; a brief answer with what it answers before it."""
    parts = []
    turn = turns[draft.turn]
    parent = turns[turn.parent] if turn.parent is not None else None
    if (
        turn.linked
        and parent is not None
        and turn.content < _SHORT
        and parent.units
        and draft.type != "question"
    ):
        parts.append(parent.units[0].sentence.text)
    for span in draft.spans:
        whole = turns[span.turn].line.text.strip()
        listed = draft.main.unit.sentence.heading and span.turn == draft.turn
        parts.append(whole if len(whole) <= _LONGEST_WHOLE and not listed else quoted(turns, span))
    return "\n".join(dict.fromkeys(parts))
