"""Names where no phrase is to be had: a word with its neighbours, as they stand in the text."""

from collections.abc import Iterator, Sequence

from services.knowledge.local.common_words import ENGLISH_VERBS
from services.knowledge.local.morphology import cyrillic_language
from services.knowledge.local.phrases import PREPOSITIONS, nominative
from services.knowledge.local.tokens import LONGEST_PHRASE, Phrase, Token, key, tokens
from services.knowledge.local.words import Word

_BETWEEN_CLAUSES = "і й та а але або чи що щоб бо и или но что чтобы ибо and or but that because"
_JOINING = frozenset(_BETWEEN_CLAUSES.split())
"""Words that join what has nothing to do with each other."""

_ENDS_WITH_NOUN, _ENDS_OTHERWISE = 1.0, 0.8
_AS_IN_A_HEADLINE = 1.2
_PLACING = frozenset(["в", "у", "на"])
_ONLY = frozenset(["лише", "тільки", "є", "только", "лишь", "есть"])
_FEWEST = 2
_PUNCTUATION = ".,:/-–"


def windows(text: str, found: Sequence[Word], people: frozenset[str]) -> Iterator[Phrase]:
    """Pieces of a sentence of 2 to 4 words that begin with a noun and end with a word of matter or a figure.

    Args:
        text: The sentence.
        found: Its words.
        people: Words that name people, which name no topic.
    """
    language = cyrillic_language(text)
    parts = tokens(text, found, people)
    for at in range(len(parts)):
        yield from _located(parts, at, language)
        yield from _pieces(text, parts, at, language, verbal=False)


def clauses(text: str, found: Sequence[Word], people: frozenset[str]) -> Iterator[Phrase]:
    """The same with a verb among the words."""
    language = cyrillic_language(text)
    parts = tokens(text, found, people)
    for at in range(len(parts)):
        yield from _pieces(text, parts, at, language, verbal=True)


def _pieces(text: str, parts: Sequence[Token], at: int, language: str, *, verbal: bool) -> Iterator[Phrase]:
    named = _named(parts, at, language)
    if named is None or _is_verb(parts[at].word):
        return
    for last in range(at + 1, min(at + LONGEST_PHRASE, len(parts))):
        part = parts[last]
        if not part.glued or part.word.text in _JOINING:
            return
        taken = parts[at : last + 1]
        if _can_end(part, parts[last - 1]) and any(_is_verb(each.word) for each in taken) == verbal:
            weight = _ENDS_WITH_NOUN if part.word.marks & {"noun", "en"} else _ENDS_OTHERWISE
            yield Phrase(_written(text, named, taken), _keys(taken), weight)


def _located(parts: Sequence[Token], at: int, language: str) -> Iterator[Phrase]:
    """`У підвалі лише склад` is `склад у підвалі` in a headline."""
    if at + 3 >= len(parts) or parts[at].word.text not in _PLACING or parts[at + 2].word.text not in _ONLY:
        return
    place, thing = parts[at + 1], parts[at + 3]
    is_whole = at + 4 == len(parts) or not parts[at + 4].glued
    named = _named(parts, at + 3, language)
    if is_whole and named and place.usable and all(part.glued for part in parts[at + 1 : at + 4]):
        preposition = parts[at].surface.lower()
        yield Phrase(f"{named} {preposition} {place.surface}", _keys((thing, place)), _AS_IN_A_HEADLINE)


def first_words(text: str, found: Sequence[Word], people: frozenset[str], *, apart: bool = False) -> str:
    """The first words of matter of a sentence, 2 to 4; nothing where it has but one.

    Args:
        text: The sentence.
        found: Its words.
        people: Words that name people, which name no topic.
        apart: Wherever they stand; else with what stands between them, as long as they stand together.
    """
    parts = tokens(text, found, people)
    usable = [at for at, part in enumerate(parts) if part.usable and "pronoun" not in part.word.marks]
    if apart:
        return " ".join(parts[at].surface for at in usable[:LONGEST_PHRASE]) if len(usable) >= _FEWEST else ""
    for at in usable:
        end = at + 1
        while end < min(len(parts), at + LONGEST_PHRASE) and _goes_on(parts[end]):
            end += 1
        last = max(place for place in usable if place < end)
        if last > at:
            return text[parts[at].word.start : parts[last].word.end]
    return ""


def _goes_on(part: Token) -> bool:
    """Whether a name can go on with a word: it is near, joins no clauses, names nobody."""
    known = part.usable or bool(part.word.marks & {"function", "number"})
    return part.glued and known and part.word.text not in _JOINING


def _named(parts: Sequence[Token], at: int, language: str) -> str | None:
    """The first word of a name: a noun in the nominative, or put into it when a number governs it."""
    part = parts[at]
    form = nominative(part.word, part.surface, language) if part.usable else None
    if form is None:
        return None
    counted = at > 0 and part.glued and "number" in parts[at - 1].word.marks
    return form if counted or form.lower() == part.surface.lower() else None


def _written(text: str, named: str, taken: Sequence[Token]) -> str:
    """As it stands, without the punctuation after it; a figure keeps its per cent."""
    rest = " ".join(part.surface for part in taken[1:]).rstrip(_PUNCTUATION)
    return f"{named} {rest}%" if text[taken[-1].word.end :].startswith("%") else f"{named} {rest}"


def _can_end(part: Token, before: Token) -> bool:
    """A noun, a term or a verb; a figure that belongs to what stands before it (`на 40%`), no time of day."""
    if "number" in part.word.marks:
        return ":" not in part.surface[:-1] and (before.usable or before.word.text in PREPOSITIONS)
    return part.usable and bool(part.word.marks & {"noun", "en", "verb", "passive"})


def _keys(taken: Sequence[Token]) -> tuple[str, ...]:
    return tuple(key(part.word) for part in taken if part.usable)


def _is_verb(word: Word) -> bool:
    """Surely or most likely."""
    if "en" in word.marks:
        return bool(word.forms & ENGLISH_VERBS) or "past" in word.marks
    return bool(word.marks & {"verb", "passive"}) and "noun" not in word.marks
