"""The words of a sentence: dictionary forms and grammar, in Ukrainian, Russian and English.

Ukrainian and Russian by their dictionaries, English by its endings and a table of irregular forms, without
telling nouns from verbs.
"""

import re
from dataclasses import dataclass
from functools import lru_cache

from services.knowledge.local.english import contraction, english_lemmas, is_english_past
from services.knowledge.local.function_words import FUNCTION
from services.knowledge.local.morphology import Reading, cyrillic_language, readings

_WORD = re.compile(
    r"(?P<link>(?:https?://|www\.|t\.me/)\S{1,2000})|(?P<mention>@\w{2,64})|(?P<tag>#[^\W\d]\w{0,60})"
    r"|(?P<number>[#№]?\d[\d.,:/]{0,20}(?:[-–]\d[\d.,:]{0,20})?)"
    r"|(?P<word>[^\W\d_](?:[\w]|['’ʼ‘`´\-.](?=\w)|[/+#](?=\w)){0,80})|(?P<percent>[%€$₴₽])|(?P<other>_\w{1,60})"
)
_APOSTROPHES = str.maketrans("’ʼ‘`´", "'''''")
_CYRILLIC = re.compile(r"[а-яіїєґё]", re.IGNORECASE)
_TECHNICAL = re.compile(
    r"[A-Za-z]+[_./\-+#]?\d[\w.]*|\w+_\w+|[a-z]+[A-Z]\w*|[A-Z]{2,}[a-z0-9]*|\w+\.\w{1,5}|\w+\(\)"
)
_NUMERALS = frozenset(
    ["two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "twelve", "twenty", "hundred"]
)
_PARTS = {
    "NOUN": "noun",
    "NPRO": "pronoun",
    "ADJF": "adj",
    "ADJS": "adj",
    "PRTF": "adj",
    "ADVB": "adv",
    "INFN": "verb",
    "VERB": "verb",
}
_FORMS = {
    "past": "past",
    "pres": "present",
    "futr": "future",
    "impr": "imperative",
    "infn": "infinitive",
    "INFN": "infinitive",
    "perf": "perfective",
    "NUMR": "number",
    "Name": "name",
    "Surn": "name",
    "Patr": "name",
}


@dataclass(frozen=True, slots=True)
class Word:
    """One word or number.

    Attributes:
        text: Lower case, with one kind of apostrophe.
        start: Its place in the sentence.
        lemmas: Its dictionary forms: several where it could be several words.
        marks: The language `uk`, `ru`, `en`; `number`, `link`, `mention`, `tag`, `technical`, `function`;
            `announcing`, when a colon follows; parts of speech `noun`, `adj`, `verb`, `adv`; of verbs `1sg`,
            `1pl`, `2`, `3`, `past` (with `singular`, `plural`, `neuter`), `present`, `future`, `imperative`,
            `infinitive`, `passive`, `perfective`; `name` of a person; `unknown` where no dictionary has it.
    """

    text: str
    start: int
    end: int
    lemmas: frozenset[str]
    marks: frozenset[str]

    @property
    def forms(self) -> frozenset[str]:
        """What a cue may call it."""
        return self.lemmas | {self.text}


@lru_cache(maxsize=1 << 12)
def words(text: str) -> tuple[Word, ...]:
    """The words and numbers of a text in their order; an English contraction gives two."""
    language = cyrillic_language(text)
    return tuple(word for match in _WORD.finditer(text) for word in _of_match(match, language))


def _of_match(match: re.Match[str], language: str) -> list[Word]:
    start, end = match.span()
    if match.lastgroup != "word":
        kind = "number" if match.lastgroup in {"number", "percent"} else str(match.lastgroup)
        return [Word(match[0].lower(), start, end, frozenset(), frozenset({kind}))]
    folded = match[0].translate(_APOSTROPHES)
    parts = contraction(folded.lower()) if not _CYRILLIC.search(folded) else None
    announcing = frozenset({"announcing"} if match.string[end : end + 1] == ":" else ())
    found = [(part, *_look_up(part, language)) for part in parts or (folded,)]
    return [Word(part.lower(), start, end, lemmas, marks | announcing) for part, lemmas, marks in found]


@lru_cache(maxsize=1 << 15)
def _look_up(word: str, language: str) -> tuple[frozenset[str], frozenset[str]]:
    """Dictionary forms and marks of a word."""
    lowered = word.lower()
    marks = {"function"} if lowered in FUNCTION else set()
    if _TECHNICAL.fullmatch(word):
        marks.add("technical")
    if not _CYRILLIC.search(word):
        marks.add("en")
        if lowered in _NUMERALS:
            marks.add("number")
        if is_english_past(lowered):
            marks.add("past")
        return english_lemmas(lowered), frozenset(marks)
    found, found_in = readings(lowered, language)
    marks.add(found_in)
    if not any(reading.known for reading in found):
        marks.add("unknown")
    for reading in found:
        marks |= _marks(reading)
    return frozenset(reading.lemma for reading in found), frozenset(marks)


def _marks(reading: Reading) -> set[str]:
    grammemes = reading.grammemes
    marks = {name for code, name in (_PARTS | _FORMS).items() if code in grammemes}
    if grammemes & {"Impe", "PRTS"} and "perf" in grammemes:
        marks.add("passive")
    if "1per" in grammemes and "verb" in marks:
        marks.add("1pl" if "plur" in grammemes else "1sg")
    marks |= {person for person in ("2", "3") if f"{person}per" in grammemes and "verb" in marks}
    if "past" in grammemes:
        marks.add("plural" if "plur" in grammemes else "neuter" if "neut" in grammemes else "singular")
    return marks
