"""Whether a proposal is new, repeats an earlier one, or goes on with it. Pure.

The thresholds were chosen by labelled pairs of proposals (`tests/integration/analysis/proposal_pairs.json`)
with the local model; see `tests/integration/analysis/test_novelty_thresholds.py`.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from services.analysis.novelty.cues import GOES_ON
from services.analysis.novelty.wording import growth, overlap
from shared.contracts.analysis import Language
from shared.contracts.proposals import Novelty, ProposalStatus

RELATED = 0.42
"""From this closeness on two proposals are about one task: meaning, and a quarter of their common words.

It lies in the widest gap between the labelled pairs: the same model on another processor moves a closeness by
some thousandths.
"""

RELATED_EXCERPTS = 0.55
"""The same of what rules propose: pieces of chat resemble each other more than tasks put in words do."""

RELATED_BY_WORDS = 0.4
"""The same where there are no vectors, by common words alone."""

RELATED_SAME_WORDS = 0.25
"""The same where both quote the same words of a message."""

LESS_OF_ONE_MESSAGE = 0.1
"""So much less is enough where both draw on a message in common."""

GROWN = 1.45
"""As many times as much has to be said for a related proposal to be more than a repetition."""

_WORDS_COUNT = 0.25
_ALL = 0.999

Quotes = Mapping[int, Sequence[str]]
"""By message, what is quoted of it."""


@dataclass(frozen=True, slots=True)
class Fresh:
    """A new proposal, as it is compared.

    Attributes:
        repeats: The earlier one that its agent says it repeats.
        is_excerpt: Rules made it of pieces of chat.
    """

    text: str
    quotes: Quotes
    repeats: UUID | None = None
    is_excerpt: bool = False


@dataclass(frozen=True, slots=True)
class Earlier:
    """An earlier proposal that a new one may resemble.

    Attributes:
        id: Of the proposal that has it now, where it was merged away; so are title and status.
        text: What it said itself.
        meaning: The cosine of both, from where such texts lie on average; None without vectors.
    """

    id: UUID
    title: str
    status: ProposalStatus
    text: str
    quotes: Quotes
    meaning: float | None


@dataclass(frozen=True, slots=True)
class Verdict:
    """How a new proposal stands to the earlier ones; `similarity` is 0..1."""

    novelty: Novelty = "new"
    similar: Earlier | None = None
    similarity: float | None = None


@dataclass(frozen=True, slots=True)
class _Compared:
    earlier: Earlier
    words: float
    shared: float
    in_common: bool
    named: bool
    is_excerpt: bool

    @property
    def closeness(self) -> float:
        if self.earlier.meaning is None:
            return self.words
        return self.earlier.meaning + _WORDS_COUNT * self.words

    @property
    def is_related(self) -> bool:
        if self.named:
            return True
        enough = RELATED_EXCERPTS if self.is_excerpt else RELATED
        if self.earlier.meaning is None:
            enough = RELATED_BY_WORDS
        if self.shared:
            enough = RELATED_SAME_WORDS
        elif self.in_common:
            enough -= LESS_OF_ONE_MESSAGE
        return self.closeness >= enough

    @property
    def rank(self) -> tuple[bool, float, str]:
        return self.named, self.closeness + _WORDS_COUNT * self.shared, str(self.earlier.id)


def judge(fresh: Fresh, earlier: Iterable[Earlier]) -> Verdict:
    """How a new proposal stands to the one of the earlier ones that is nearest to it."""
    related = [each for one in earlier if (each := _compare(fresh, one)).is_related]
    if not related:
        return Verdict()
    nearest = max(related, key=lambda each: each.rank)
    similarity = nearest.words if nearest.earlier.meaning is None else nearest.earlier.meaning
    more = nearest.shared < _ALL and _says_more(nearest.earlier.text, fresh.text)
    return Verdict(
        "update_of" if more else "duplicate_of", nearest.earlier, round(max(0.0, min(1.0, similarity)), 4)
    )


def explain(verdict: Verdict, language: Language) -> str:
    """A sentence for the person who reviews; empty when the proposal is new."""
    if verdict.similar is None or verdict.novelty == "new":
        return ""
    status = _STATUSES[language][verdict.similar.status]
    said = _SAID[language][verdict.novelty]
    return said.format(status=status, title=verdict.similar.title, similarity=verdict.similarity or 0.0)


def _compare(fresh: Fresh, earlier: Earlier) -> _Compared:
    return _Compared(
        earlier=earlier,
        words=overlap(earlier.text, fresh.text),
        shared=_shared(fresh.quotes, earlier.quotes),
        in_common=not fresh.quotes.keys().isdisjoint(earlier.quotes.keys()),
        named=fresh.repeats is not None and fresh.repeats == earlier.id,
        is_excerpt=fresh.is_excerpt,
    )


def _shared(new: Quotes, earlier: Quotes) -> float:
    """How many of the new quotes were quoted before, in whole or in part, 0..1."""
    quotes = [(message, words) for message, all_words in new.items() for words in all_words]
    known = sum(
        any(words in other or other in words for other in earlier.get(message, ()))
        for message, words in quotes
    )
    return known / len(quotes) if quotes else 0.0


def _says_more(earlier: str, later: str) -> bool:
    goes_on = GOES_ON.are_in(later) and not GOES_ON.are_in(earlier)
    return goes_on or growth(earlier, later) >= GROWN


_STATUSES: Mapping[Language, Mapping[ProposalStatus, str]] = {
    "uk": {
        "pending": "ще не переглянуту",
        "approved": "схвалену",
        "rejected": "відхилену",
        "merged": "об'єднану",
    },
    "en": {"pending": "pending", "approved": "approved", "rejected": "rejected", "merged": "merged"},
}
_SAID: Mapping[Language, Mapping[Novelty, str]] = {
    "uk": {
        "duplicate_of": "Повторює {status} пропозицію «{title}» (схожість {similarity:.2f}).",
        "update_of": "Продовжує {status} пропозицію «{title}» (схожість {similarity:.2f}).",
    },
    "en": {
        "duplicate_of": "Repeats the {status} proposal “{title}” (similarity {similarity:.2f}).",
        "update_of": "Goes on with the {status} proposal “{title}” (similarity {similarity:.2f}).",
    },
}
