"""Words of a sentence as parts of phrases."""

from collections.abc import Sequence
from dataclasses import dataclass

from services.knowledge.local.common_words import COMMON
from services.knowledge.local.words import Word

LONGEST_PHRASE = 4
"""Words."""

_NO_MATTER = frozenset({"function", "number", "mention", "link", "tag", "other"})
_SHORTEST, _LONGEST = 2, 30


@dataclass(frozen=True, slots=True)
class Phrase:
    """What could name a topic.

    Attributes:
        text: As it would be written, the first letter aside.
        keys: Dictionary forms of its words of matter, in order.
        weight: How well it is built: 1 is plain.
    """

    text: str
    keys: tuple[str, ...]
    weight: float


@dataclass(frozen=True, slots=True)
class Token:
    """A word in its sentence.

    Attributes:
        surface: As it is written.
        glued: Nothing but a space stands between it and the word before.
        usable: It can be a part of a name: matter, and neither a person nor too general.
    """

    word: Word
    surface: str
    glued: bool
    usable: bool


def tokens(text: str, found: Sequence[Word], people: frozenset[str]) -> list[Token]:
    """The words of a sentence as parts of phrases.

    Args:
        text: The sentence.
        found: Its words.
        people: Forms of the names of those who take part.
    """
    return [
        Token(
            word,
            text[word.start : word.end],
            at > 0 and text[found[at - 1].end : word.start] == " ",
            _is_usable(word, text, at, people),
        )
        for at, word in enumerate(found)
    ]


def key(word: Word) -> str:
    """One dictionary form of a word: the shortest, where it could be several."""
    return min(word.lemmas, key=lambda lemma: (len(lemma), lemma)) if word.lemmas else word.text


def _is_usable(word: Word, text: str, at: int, people: frozenset[str]) -> bool:
    if word.text.count("/") > 1:
        return False  # where a file or a secret lies
    if word.marks & _NO_MATTER or word.forms & COMMON or not _SHORTEST <= len(word.text) <= _LONGEST:
        return False
    named = "name" in word.marks and at > 0 and text[word.start].isupper()
    return not named and not word.forms & people
