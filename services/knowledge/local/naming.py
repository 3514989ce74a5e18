"""A name for a topic: the phrase that says best what its atoms have in common and others have not."""

import math
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from services.knowledge.local.common_words import ENGLISH_VERBS
from services.knowledge.local.dialogue import Turn, Unit
from services.knowledge.local.morphology import cyrillic_language
from services.knowledge.local.phrases import nominative, phrases
from services.knowledge.local.titles import opening
from services.knowledge.local.tokens import LONGEST_PHRASE, Phrase, key, tokens
from services.knowledge.local.words import words

LONGEST_NAME = 60
"""Characters."""

_SHORTEST_NAME = 3
_FOR_ITS_PLACE, _FOR_COMING_AGAIN = 0.2, 1.3


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
    """A name a topic, all different, by what was said on it."""
    names = people(turns)
    rarity = _rarity(topics)
    taken: list[str] = []
    for said in topics:
        weights = _weights(said, rarity)
        candidates = [_capitalised(phrase) for phrase in _phrases(said, names, weights)]
        opened = opening(said[0].unit.spoken, LONGEST_PHRASE)
        candidates += [_noun(said, names, weights), _capitalised(opened)]
        free = [name[:LONGEST_NAME] for name in candidates if name and name[:LONGEST_NAME] not in taken]
        taken.append(free[0] if free else f"{candidates[-1][:LONGEST_NAME]} {len(taken) + 1}")
    return taken


def _rarity(topics: Sequence[Sequence[Said]]) -> Mapping[str, float]:
    """How much a word tells topics apart: that it is in few of them."""
    counts = Counter(
        name for said in topics for name in {key(word) for each in said for word in each.unit.content}
    )
    return {name: math.log(1 + len(topics) / count) + 0.3 for name, count in counts.items()}


def _weights(said: Sequence[Said], rarity: Mapping[str, float]) -> Mapping[str, float]:
    weights: defaultdict[str, float] = defaultdict(float)
    for each in said:
        for name in {key(word) for word in each.unit.content}:
            weights[name] += each.share
    return {name: count**_FOR_COMING_AGAIN * rarity[name] for name, count in weights.items()}


def _phrases(said: Sequence[Said], names: frozenset[str], weights: Mapping[str, float]) -> list[str]:
    """The phrases of a topic, the best first."""
    scores: dict[str, float] = {}
    for each in said:
        for phrase in phrases(each.unit.sentence.text, each.unit.words, names):
            if len(phrase.text) <= LONGEST_NAME:
                score = _score(phrase, weights) * (1 + _FOR_ITS_PLACE * each.share)
                scores[phrase.text] = max(score, scores.get(phrase.text, 0.0))
    return sorted(scores, key=lambda text: (-scores[text], text))


def _score(phrase: Phrase, weights: Mapping[str, float]) -> float:
    total = sum(weights.get(word, 0.0) for word in phrase.keys)
    return phrase.weight * total / math.sqrt(len(phrase.keys))


def _noun(said: Sequence[Said], names: frozenset[str], weights: Mapping[str, float]) -> str:
    """Where no phrase is to be had: the weightiest noun; nothing when there is none."""
    found: dict[str, str] = {}
    for each in said:
        text = each.unit.sentence.text
        language = cyrillic_language(text)
        for token in tokens(text, each.unit.words, names):
            form = nominative(token.word, token.surface, language) if token.usable else None
            if form and not token.word.forms & ENGLISH_VERBS:
                found.setdefault(key(token.word), form)
    best = min(found, key=lambda name: (-weights[name], name), default=None)
    return _capitalised(found[best]) if best is not None else ""


def _capitalised(text: str) -> str:
    """With a capital letter, unless the first word is a term that is written otherwise (`iOS`)."""
    first = text.split(" ", 1)[0]
    return text[:1].upper() + text[1:] if first == first.lower() else text
