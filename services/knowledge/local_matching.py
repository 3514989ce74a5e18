"""How `local` says whether something is known already: by its words, with vectors as a second witness.

Vectors alone cannot tell: "build 611 crashes" and "build 612 crashes" are nearer to each other (0.98 with the
local model) than two ways to say one thing, and one other word makes another decision. So atoms are the same
when they have the same words, however inflected and ordered, and the same numbers and negations. The rest is
left to a person, who can merge.
"""

import re

from services.knowledge.matches import (
    AtomMatch,
    AtomMatches,
    AtomsToMatch,
    TopicMatch,
    TopicMatches,
    TopicsToMatch,
    TopicText,
)
from shared.llm.interface import Embedder

_WORD = re.compile(r"\d+(?:[.,:]\d+)*|\w+(?:['’ʼ]\w+)*")
_STEM = 5
_SHORTEST = 3
_NEGATIONS = frozenset({"не", "ні", "нет", "ни", "немає", "нема", "без", "not", "no", "never", "without"})
_COMMON_TOPIC_WORDS = 0.5
_NEAR_TOPIC = 0.95
_MOST_SURE = 0.6


async def match_topics(asked: TopicsToMatch, _embedder: Embedder) -> TopicMatches:
    """The rule of `local` for `match_topic`."""
    return topics_by_words(asked)


async def match_atoms(asked: AtomsToMatch, _embedder: Embedder) -> AtomMatches:
    """The rule of `local` for `match_atom`."""
    return atoms_by_words(asked)


def topics_by_words(asked: TopicsToMatch) -> TopicMatches:
    """Topics whose names have the same words in any order, or half of them and nearly the same meaning."""
    known = {topic.number: topic for topic in asked.known}
    found = {topic.number: topic for topic in asked.found}
    best: dict[int, tuple[float, int]] = {}
    for pair in asked.pairs:
        common = _common(_words(found[pair.found].name), _words(known[pair.known].name))
        is_near = common >= _COMMON_TOPIC_WORDS and pair.similarity >= _NEAR_TOPIC
        if is_near or _say_the_same(found[pair.found].name, known[pair.known].name):
            best[pair.found] = max(best.get(pair.found, (0.0, 0)), (common, pair.known))
    return TopicMatches(matches=[_topic_match(topic, best.get(topic.number)) for topic in asked.found])


def atoms_by_words(asked: AtomsToMatch) -> AtomMatches:
    """Atoms of one type and the same words are the same; each found one is at most one known one."""
    known = {atom.number: atom for atom in asked.known}
    found = {atom.number: atom for atom in asked.found}
    same: dict[int, int] = {}
    for pair in sorted(asked.pairs, key=lambda pair: (-pair.similarity, pair.known)):
        one, other = found[pair.found], known[pair.known]
        if one.type == other.type and _say_the_same(one.content, other.content):
            same.setdefault(pair.found, pair.known)
    return AtomMatches(matches=[_atom_match(*numbers) for numbers in same.items()])


def _topic_match(topic: TopicText, same: tuple[float, int] | None) -> TopicMatch:
    known = None if same is None else same[1]
    return TopicMatch(found=topic.number, known=known, confidence=_MOST_SURE, description=None)


def _atom_match(found: int, known: int) -> AtomMatch:
    return AtomMatch(
        found=found,
        known=known,
        relation="same",
        confidence=_MOST_SURE,
        title=None,
        content=None,
        reason="",
    )


def _words(text: str) -> set[str]:
    """The beginnings of a text's words, which inflection leaves alone, and its numbers."""
    words = (word.casefold() for word in _WORD.findall(text))
    return {_stem(word) for word in words if len(word) >= _SHORTEST or word[0].isdigit()}


def _stem(word: str) -> str:
    if word[0].isdigit():
        return word
    return word[: min(_STEM, max(_SHORTEST, len(word) - 2))]


def _common(one: set[str], other: set[str]) -> float:
    together = one | other
    return len(one & other) / len(together) if together else 0.0


def _say_the_same(one: str, other: str) -> bool:
    return bool(_words(one)) and _words(one) == _words(other) and _facts(one) == _facts(other)


def _facts(text: str) -> tuple[set[str], list[str]]:
    """What makes another statement of one with nearly all of its words: its numbers, and what it denies."""
    words = [word.casefold() for word in _WORD.findall(text)]
    numbers = {word for word in words if any(character.isdigit() for character in word)}
    return numbers, sorted(word for word in words if word in _NEGATIONS or word.endswith(("n't", "n’t")))
