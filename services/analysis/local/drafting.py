"""A matter as a proposal: its words are quotes, its fields are what cues say of them. Pure."""

from collections.abc import Mapping, Sequence

from services.analysis.answers import Batch, ProposedTask, Quote
from services.analysis.local import phrases
from services.analysis.local.cues import Cues
from services.analysis.local.cues_kinds import CHORE, CRITICAL, DOCS, FEATURE, HIGH, IMPROVEMENT, LOW
from services.analysis.local.matters import Matter
from services.analysis.local.statements import Statement
from services.analysis.local.talk import Talk
from shared.contracts.proposals import Category, Priority, Recommendation

_LOWEST, _HIGHEST = 0.3, 0.6
_APPROVED_FROM = 0.55
_MOST_TAGS = 5
_MOST_QUOTES = 6
_LONGEST_LINE = 600
_CATEGORIES: Mapping[Category, Cues] = {"chore": CHORE, "improvement": IMPROVEMENT, "feature": FEATURE}


def draft(matter: Matter, asked: Batch, talk: Talk) -> ProposedTask:
    """The proposal that a matter makes."""
    main = matter.main
    asks = main.asks or "question"
    quotes = _quotes(matter, talk)
    own = f"{main.title}\n{main.said}"
    said = "\n".join((own, *(quote.text for quote in quotes)))
    confidence = _confidence(matter)
    reasons = [phrases.REASONS[asked.language][asks]]
    if main.answers:
        reasons.append(phrases.TAKEN_UP[asked.language])
    return ProposedTask(
        title=phrases.title(main.title, asks, asked.language),
        description=_description(quotes, talk),
        category=_category(main, own, said),
        priority=_priority(own, said),
        tags=_tags(matter.all),
        sub_tasks=_sub_tasks(matter),
        component=None,
        quotes=quotes,
        confidence=confidence,
        reasoning=" ".join([*reasons, phrases.BASIC[asked.language]]),
        recommendation=_recommendation(matter, confidence),
        repeats=None,
        details=None,
    )


def _description(quotes: Sequence[Quote], talk: Talk) -> str:
    """What was said, by whom, in the order said."""
    told = []
    for quote in sorted(quotes, key=lambda quote: quote.message):
        author = talk.lines[quote.message].author
        text = " ".join(quote.text.split())
        shown = text if len(text) <= _LONGEST_LINE else f"{text[: _LONGEST_LINE - 1].rstrip()}…"
        told.append(f"{author}: {shown}" if author else shown)
    return "\n".join(told)


def _quotes(matter: Matter, talk: Talk) -> list[Quote]:
    own = [Quote(message=number, text=words) for number, words in matter.main.atom.quotes]
    others = [
        Quote(message=number, text=words) for each in matter.others for number, words in each.atom.quotes
    ]
    taken = [Quote(message=number, text=talk.lines[number].text) for number in matter.main.answers]
    kept: dict[tuple[int, str], Quote] = {}
    for quote in (*own, *taken, *others):
        kept.setdefault((quote.message, quote.text), quote)
    return list(kept.values())[:_MOST_QUOTES]


def _category(main: Statement, own: str, said: str) -> Category:
    """By what it asks for, then by its own words, then by those around it."""
    if main.asks == "trouble":
        return "bug"
    if DOCS.are_in(own):
        return "docs"
    if main.asks == "question":
        return "question"
    for text in (own, said):
        for category, cues in _CATEGORIES.items():
            if cues.are_in(text):
                return category
    return "feature" if main.asks == "need" else "chore"


def _priority(own: str, said: str) -> Priority:
    if LOW.are_in(own):
        return "low"
    if CRITICAL.are_in(own):
        return "critical"
    return "high" if HIGH.are_in(said) else "medium"


def _sub_tasks(matter: Matter) -> list[str]:
    """What else is asked for in the same matter, in its own words."""
    main = phrases.bare_words(matter.main.title)
    said = (
        phrases.bare_words(each.title) for each in matter.others if each.asks is not None and not each.over
    )
    return [words for words in dict.fromkeys(said) if words not in main and main not in words]


def _tags(statements: Sequence[Statement]) -> list[str]:
    return list(dict.fromkeys(topic for each in statements for topic in each.atom.topics))[:_MOST_TAGS]


def _confidence(matter: Matter) -> float:
    """By the atom's own, by who else speaks of it, and by whether somebody takes it up."""
    more = sum(1 for each in matter.others if not each.over)
    raised = matter.main.atom.confidence + 0.03 * min(more, 3) + (0.06 if matter.main.answers else 0)
    return round(min(_HIGHEST, max(_LOWEST, raised)), 2)


def _recommendation(matter: Matter, confidence: float) -> Recommendation:
    return "approve" if confidence >= _APPROVED_FROM and matter.main.asks != "question" else "review"
