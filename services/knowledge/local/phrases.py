"""Phrases that can name a topic: 2 to 4 words with a noun at their head, as a person would put them.

Ukrainian and Russian by grammar: adjectives and the noun that they agree with, in the nominative; after it a
genitive, a term, or a preposition and its noun, as they stand.
"""

from collections.abc import Iterator, Sequence

from services.knowledge.local.common_words import PLAIN_ADJECTIVES
from services.knowledge.local.english_phrases import english_phrases
from services.knowledge.local.morphology import Reading, cyrillic_language, readings
from services.knowledge.local.tokens import LONGEST_PHRASE, Phrase, Token, key, tokens
from services.knowledge.local.words import Word

_BETWEEN = "на в у для від з зі із до по під без через при об от с из за над між про о"
PREPOSITIONS = frozenset(_BETWEEN.split())
"""After which no nominative stands."""

_CASES = ("nomn", "gent", "datv", "accs", "ablt", "loct")
_GENDERS = frozenset({"masc", "femn", "neut"})
_MOST_ADJECTIVES = 2
_WITH_A_TERM = 0.85
_WITH_ADJECTIVE, _WITH_PLAIN_ADJECTIVE, _WITH_GENITIVE, _LONGER, _WITH_PREPOSITION = 1.15, 0.8, 1.1, 1.0, 0.85


def phrases(text: str, found: Sequence[Word], people: frozenset[str]) -> Iterator[Phrase]:
    """The candidates in a sentence.

    Args:
        text: The sentence.
        found: Its words.
        people: Words that name people, which name no topic.
    """
    language = cyrillic_language(text)
    parts = tokens(text, found, people)
    for at in range(len(parts)):
        yield from english_phrases(parts, at)
        yield from _inflected(parts, at, language)
        yield from _termed(parts, at, language)


def nominative(word: Word, surface: str, language: str) -> str | None:
    """A noun in the nominative, its number kept; None when it is no noun or names a person."""
    if "en" in word.marks:
        return surface
    noun = _noun(word, language)
    return _nominative(noun, surface) if noun is not None else None


def _inflected(parts: Sequence[Token], at: int, language: str) -> Iterator[Phrase]:
    """Adjectives, a noun, and what belongs to it."""
    head = at
    while head - at < _MOST_ADJECTIVES and _is_adjective(parts[head].word, language):
        if head + 1 >= len(parts) or not parts[head + 1].glued:
            return
        head += 1
    noun = _noun(parts[head].word, language, after=parts[at - 1].word if at else None)
    if noun is None or not all(part.usable for part in parts[at : head + 1]):
        return
    named = _nominative(noun, parts[head].surface)
    before = [_agreeing(part.word, noun, language) for part in parts[at:head]]
    if named is None or None in before:
        return
    start = " ".join([*(form for form in before if form), named])
    keys = tuple(key(part.word) for part in parts[at : head + 1])
    if len(keys) > 1:
        plain = parts[at].word.forms & PLAIN_ADJECTIVES
        yield Phrase(start, keys, _WITH_PLAIN_ADJECTIVE if plain else _WITH_ADJECTIVE)
    else:
        yield from _with_adjective_after(parts, head, noun, named, language)
    for end, weight in _tails(parts, head, language):
        if len(keys) + end - head <= LONGEST_PHRASE:
            tail = parts[head + 1 : end + 1]
            more = tuple(key(part.word) for part in tail if "function" not in part.word.marks)
            yield Phrase(" ".join([start, *(part.surface for part in tail)]), (*keys, *more), weight)


def _termed(parts: Sequence[Token], at: int, language: str) -> Iterator[Phrase]:
    """A term among Cyrillic words and what belongs to it (`API для каси`), or the number of its version."""
    term = parts[at]
    if "en" not in term.word.marks or not term.usable:
        return
    rest = parts[at + 1 : at + 3]
    version = rest[0].surface.rstrip(".,:") if rest and rest[0].glued and term.surface[:1].isupper() else ""
    counts = len(rest) > 1 and rest[1].glued and "function" not in rest[1].word.marks
    if version.isdecimal() and not counts:
        yield Phrase(f"{term.surface} {version}", (key(term.word),), _LONGER)
    for end, weight in _tails(parts, at, language):
        tail = parts[at + 1 : end + 1]
        if any("en" not in part.word.marks for part in tail):
            keys = tuple(key(part.word) for part in (term, *tail) if "function" not in part.word.marks)
            yield Phrase(" ".join(part.surface for part in (term, *tail)), keys, _WITH_A_TERM * weight)


def _with_adjective_after(
    parts: Sequence[Token], head: int, noun: Reading, named: str, language: str
) -> Iterator[Phrase]:
    """`борошно житнє` is `житнє борошно` in a headline."""
    after = head + 1
    if after >= len(parts) or not (parts[after].glued and parts[after].usable):
        return
    word = parts[after].word
    goes_on = after + 1 < len(parts) and parts[after + 1].glued and _noun(parts[after + 1].word, language)
    named_so = "noun" in word.marks or parts[after].surface[:1].isupper()
    form = _agreeing(word, noun, language) if not (named_so or goes_on) else None
    if form:
        yield Phrase(f"{form} {named}", (key(word), key(parts[head].word)), _LONGER)


def _tails(parts: Sequence[Token], head: int, language: str) -> Iterator[tuple[int, float]]:
    """Where a phrase can end after its noun, and how good that is."""
    rest = parts[head + 1 : head + 4]
    count = next((at for at, part in enumerate(rest) if not part.glued), len(rest))
    rest = rest[:count]
    if rest and rest[0].usable and _belongs(rest[0].word, language):
        if not _is_adjective(rest[0].word, language) or "noun" in rest[0].word.marks:
            yield head + 1, _WITH_GENITIVE
        if len(rest) > 1 and rest[1].usable and _belongs(rest[1].word, language):
            yield head + 2, _LONGER
    if len(rest) > 1 and rest[0].word.text in PREPOSITIONS and rest[1].usable:
        if _is_noun_or_term(rest[1].word, language):
            compound = all("en" in part.word.marks and part.usable for part in rest[1:])
            yield head + (len(rest) if compound else 2), _WITH_PREPOSITION
        elif (
            _is_noun_or_term(rest[-1].word, language)
            and rest[-1].usable
            and _is_adjective(rest[1].word, language)
        ):
            yield head + len(rest), _WITH_PREPOSITION


def _readings(word: Word, language: str) -> tuple[Reading, ...]:
    return (
        ()
        if word.marks & {"en", "number", "link", "mention", "tag", "other"}
        else readings(word.text, language)[0]
    )


def _is_adjective(word: Word, language: str) -> bool:
    return any(reading.grammemes & {"ADJF", "PRTF"} for reading in _readings(word, language))


def _noun(word: Word, language: str, *, after: Word | None = None) -> Reading | None:
    """The likeliest reading as a noun that is nobody's name; None where a verb or an adverb is likelier.

    After a preposition it is in no nominative; elsewhere that is what it is most often.
    """
    found = _readings(word, language)
    governed = after is not None and after.text in PREPOSITIONS
    nouns = [reading for reading in found if "NOUN" in reading.grammemes]
    fitting = [reading for reading in nouns if ("nomn" in reading.grammemes) != governed]
    noun = next(iter(fitting or nouns), None)
    if noun is None or noun.grammemes & {"Name", "Patr"} or not found[0].grammemes & {"NOUN", "ADJF"}:
        return None
    return None if after is None and "imperative" in word.marks else noun


def _is_noun_or_term(word: Word, language: str) -> bool:
    return "en" in word.marks or _noun(word, language) is not None


def _belongs(word: Word, language: str) -> bool:
    """Whether a word after a noun can belong to it: a genitive or a term."""
    return "en" in word.marks or any(
        "gent" in reading.grammemes and reading.grammemes & {"NOUN", "ADJF"}
        for reading in _readings(word, language)
    )


def _agreeing(word: Word, noun: Reading, language: str) -> str | None:
    """An adjective in the nominative, when one of its readings agrees with the noun."""
    case = next((name for name in _CASES if name in noun.grammemes), None)
    plural = "plur" in noun.grammemes
    gender = noun.grammemes & _GENDERS
    for reading in _readings(word, language):
        if not reading.grammemes & {"ADJF", "PRTF"} or ("plur" in reading.grammemes) != plural:
            continue
        if not plural and not reading.grammemes & gender:
            continue
        if case is None or case in reading.grammemes:
            made = reading.inflected("nomn", *({"plur"} if plural else gender))
            if made:
                return made
    return None


def _nominative(noun: Reading, surface: str) -> str | None:
    if "nomn" in noun.grammemes or not noun.grammemes & set(_CASES):
        return surface.lower() if surface[1:] == surface[1:].lower() else surface
    return noun.inflected("nomn", "plur") if "plur" in noun.grammemes else noun.dictionary_form
