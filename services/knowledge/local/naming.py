"""A name for a topic: the phrase that says best what its atoms have in common and others have not."""

import math
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence

from services.knowledge.local.common_words import ENGLISH_VERBS
from services.knowledge.local.dialogue import Turn, Unit
from services.knowledge.local.morphology import cyrillic_language
from services.knowledge.local.phrases import nominative, phrases
from services.knowledge.local.titles import opening
from services.knowledge.local.tokens import LONGEST_PHRASE, Phrase, key, tokens
from services.knowledge.local.words import words

LONGEST_NAME = 60
"""Characters."""

_NOUNS = 2
_SHORTEST_NAME = 3
_AND = {"uk": "і", "ru": "и", "en": "and"}


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


def name_topics(topics: Sequence[Sequence[Unit]], turns: Sequence[Turn]) -> list[str]:
    """A name a topic, all different, by the sentences of its atoms."""
    names = people(turns)
    shared = _rarity(topics)
    taken: list[str] = []
    for units in topics:
        taken.append(_name(units, names, shared, set(taken)))
    return taken


def _rarity(topics: Sequence[Sequence[Unit]]) -> Mapping[str, float]:
    """How much a word tells topics apart: that it is in few of them."""
    counts = Counter(
        word for units in topics for word in {key(word) for unit in units for word in unit.content}
    )
    return {word: math.log(1 + len(topics) / count) + 0.3 for word, count in counts.items()}


def _name(units: Sequence[Unit], names: frozenset[str], rarity: Mapping[str, float], taken: set[str]) -> str:
    weights: defaultdict[str, float] = defaultdict(float)
    for place, unit in enumerate(units):
        for word in {key(word) for word in unit.content}:
            weights[word] += rarity.get(word, 1.0) * (1.0 if place else 1.4)
    candidates: dict[str, tuple[float, Phrase]] = {}
    for place, unit in enumerate(units):
        for phrase in phrases(unit.sentence.text, unit.words, names):
            score = _score(phrase, weights) * (1.0 if place else 1.2)
            if len(phrase.text) <= LONGEST_NAME and score > candidates.get(phrase.text, (0.0, phrase))[0]:
                candidates[phrase.text] = score, phrase
    ranked = sorted(candidates.values(), key=lambda entry: (-entry[0], entry[1].text))
    for _, phrase in ranked:
        name = _capitalised(phrase.text)
        if name not in taken:
            return name
    return _of_single_words(units, names, weights, taken)


def _score(phrase: Phrase, weights: Mapping[str, float]) -> float:
    total = sum(weights.get(word, 0.5) for word in phrase.keys)
    return phrase.weight * total / math.sqrt(len(phrase.keys))


def _of_single_words(
    units: Sequence[Unit], names: frozenset[str], weights: Mapping[str, float], taken: set[str]
) -> str:
    """Where no phrase is to be had: the two weightiest nouns, or the beginning of the first sentence."""
    found: dict[str, str] = {}
    for unit in units:
        text = unit.sentence.text
        for token in tokens(text, unit.words, names):
            form = nominative(token.word, token.surface, cyrillic_language(text)) if token.usable else None
            if form and not token.word.forms & ENGLISH_VERBS:
                found.setdefault(key(token.word), form)
    best = sorted(found, key=lambda word: (-weights.get(word, 0.0), word))[:_NOUNS]
    languages = Counter(mark for unit in units for word in unit.words for mark in word.marks & set(_AND))
    language = min(languages, key=lambda code: (-languages[code], code)) if languages else "en"
    name = _capitalised(f" {_AND[language]} ".join(found[word] for word in best))
    if len(best) < _NOUNS or name in taken:
        name = _capitalised(opening(units[0].spoken, LONGEST_PHRASE))
    return name if name not in taken else f"{name} {len(taken) + 1}"


def _capitalised(text: str) -> str:
    """With a capital letter, unless the first word is a term that is written otherwise (`iOS`)."""
    first = text.split(" ", 1)[0]
    return text[:1].upper() + text[1:] if first == first.lower() else text
