"""A name for a topic: the phrase that says best what its atoms have in common and others have not."""

import math
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from services.knowledge.local.dialogue import Turn, Unit
from services.knowledge.local.phrases import phrases
from services.knowledge.local.titles import opening
from services.knowledge.local.tokens import LONGEST_PHRASE, Phrase, key
from services.knowledge.local.windows import clauses, first_words, windows
from services.knowledge.local.words import Word, words

LONGEST_NAME = 60
"""Characters."""

_SHORTEST_NAME = 3
_FOR_ITS_PLACE, _FOR_COMING_AGAIN = 0.2, 1.3

Finder = Callable[[str, Sequence[Word], frozenset[str]], Iterator[Phrase]]


@dataclass(frozen=True, slots=True)
class Said:
    """A sentence on a topic, and how much it counts: 1 is that of an atom."""

    unit: Unit
    share: float = 1.0


def people(turns: Sequence[Turn]) -> frozenset[str]:
    """Words that name those who write, in the forms in which they may be addressed."""
    found: set[str] = set()
    for turn in turns:
        for word in words(turn.line.author):
            if "function" in word.marks or len(word.text) < _SHORTEST_NAME:
                continue
            found |= {*word.forms}
            stem = word.text[:-1] if word.text[-1] in "аеєиіїоуюяй" else word.text
            found |= {
                stem + ending for ending in ("", "е", "у", "о", "ю", "я", "а", "ом", "ою", "и", "і", "єм")
            }
    return frozenset(found)


def name_topics(topics: Sequence[Sequence[Said]], turns: Sequence[Turn]) -> list[str]:
    """A name of 2 to 4 words for each topic, all different, by what was said on it."""
    names = people(turns)
    rarity = _rarity(topics)
    taken: list[str] = []
    for said in topics:
        weights = _weights(said, rarity)
        candidates = [*_phrases(said, names, weights), *_fallbacks(said, turns, names, weights)]
        free = (name for name in map(_capitalised, candidates) if name not in taken)
        taken.append(next(free, None) or _numbered(_capitalised(candidates[-1]), len(taken) + 1))
    return taken


def _numbered(name: str, number: int) -> str:
    return " ".join([*name.split()[: LONGEST_PHRASE - 1], str(number)])


def _rarity(topics: Sequence[Sequence[Said]]) -> Mapping[str, float]:
    """How much a word tells topics apart: that it is in few of them."""
    counts = Counter(
        name for said in topics for name in {key(word) for each in said for word in each.unit.content}
    )
    return {name: math.log(1 + len(topics) / count) + 0.3 for name, count in counts.items()}


def _weights(said: Sequence[Said], rarity: Mapping[str, float]) -> Mapping[str, float]:
    """How much a word of its atoms says of a topic; 0 for those that were said beside them alone."""
    weights: defaultdict[str, float] = defaultdict(float)
    for each in said:
        for name in {key(word) for word in each.unit.content}:
            weights[name] += each.share
    own = {key(word) for each in said if each.share >= 1 for word in each.unit.content}
    for name in weights.keys() - own:
        weights[name] = 0.0
    return {name: count**_FOR_COMING_AGAIN * rarity[name] for name, count in weights.items()}


def _phrases(
    said: Sequence[Said], names: frozenset[str], weights: Mapping[str, float], find: Finder = phrases
) -> list[str]:
    """The phrases of a topic that say something of its atoms: the best first, then those said first."""
    scores: dict[str, float] = {}
    for each in said:
        for phrase in find(each.unit.sentence.text, each.unit.words, names):
            if len(phrase.text) <= LONGEST_NAME:
                score = _score(phrase, weights) * (1 + _FOR_ITS_PLACE * each.share)
                scores[phrase.text] = max(score, scores.get(phrase.text, 0.0))
    return sorted((text for text in scores if scores[text] > 0), key=lambda text: -round(scores[text], 6))


def _fallbacks(
    said: Sequence[Said], turns: Sequence[Turn], names: frozenset[str], weights: Mapping[str, float]
) -> list[str]:
    """Names where no phrase says anything of its atoms: pieces as they stand, phrases said beside them."""
    atoms = [each for each in said if each.share >= 1]
    starts = (
        first_words(each.unit.sentence.text, each.unit.words, names, apart=apart)
        for apart in (False, True)
        for each in atoms
    )
    beside = {key(word): 1.0 for each in said if each.share < 1 for word in each.unit.content}
    return [
        *_phrases(atoms, names, weights, windows),
        *_phrases(_around(said, turns), names, weights),
        *_phrases(said, names, beside),
        *_phrases(atoms, names, weights, clauses),
        *(start[:LONGEST_NAME] for start in starts if start),
        opening(said[0].unit.spoken, LONGEST_PHRASE)[:LONGEST_NAME],
    ]


def _around(said: Sequence[Said], turns: Sequence[Turn]) -> list[Said]:
    """What its messages answer, and what answers them."""
    own = {each.unit.turn for each in said}
    near = {turns[at].parent for at in own} | {turn.index for turn in turns if turn.parent in own}
    beside = [turn for turn in turns if turn.index in near - own and not turn.machine]
    return [Said(unit, 0.0) for turn in beside for unit in turn.units]


def _score(phrase: Phrase, weights: Mapping[str, float]) -> float:
    total = sum(weights.get(word, 0.0) for word in phrase.keys)
    return phrase.weight * total / math.sqrt(len(phrase.keys))


def _capitalised(text: str) -> str:
    """With a capital letter, unless the first word is a term that is written otherwise (`iOS`)."""
    first = text.split(" ", 1)[0]
    return text[:1].upper() + text[1:] if first == first.lower() else text
