"""The dictionaries of Ukrainian and Russian (pymorphy3): what a word can be a form of."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cache, lru_cache
from typing import Any

from pymorphy3 import MorphAnalyzer  # type: ignore[import-untyped]  # has no types

_UKRAINIAN = re.compile(r"[іїєґ']")
_RUSSIAN = re.compile(r"[ыэъё]")
_LETTERS = re.compile(r"[а-яіїєґё'’ʼ]+")
_OF_RUSSIAN = "и что как если только или они мы уже ещё еще надо нужно нет есть где когда но нас него это"
_OF_UKRAINIAN = "і й та що як якщо тільки або вони ми вже ще треба нема є де коли але нас це бо щоб не"
_RUSSIAN_WORDS, _UKRAINIAN_WORDS = frozenset(_OF_RUSSIAN.split()), frozenset(_OF_UKRAINIAN.split())
_LIKELY = 0.15
"""A reading that the dictionary holds for less likely is left out."""


@dataclass(frozen=True, slots=True)
class Reading:
    """One of the forms that a word can be.

    Attributes:
        lemma: The dictionary form, without ё.
        grammemes: What kind of form, in OpenCorpora's words: `NOUN`, `plur`, `gent` and so on.
        known: It stands in the dictionary, and was not guessed by its ending.
    """

    lemma: str
    grammemes: frozenset[str]
    known: bool
    _parse: Any = field(repr=False, compare=False)

    @property
    def dictionary_form(self) -> str:
        """As it stands in the dictionary, ё and all."""
        return str(self._parse.normal_form)

    def inflected(self, *grammemes: str) -> str | None:
        """The same word in another form, where there is one."""
        made = self._parse.inflect(set(grammemes))
        return str(made.word) if made is not None else None


def readings(word: str, language: str) -> tuple[tuple[Reading, ...], str]:
    """What a Cyrillic word in lower case can be, most likely first, and in which language it was found.

    A word that the sentence's language does not know is looked up in the other; then it is guessed.
    """
    return _readings(word, language)


@lru_cache(maxsize=1 << 15)
def _readings(word: str, language: str) -> tuple[tuple[Reading, ...], str]:
    order = _order(word, language)
    found = next((code for code in order if _analyzer(code).word_is_known(word)), order[0])
    parses: Sequence[Any] = _analyzer(found).parse(word)
    likely = [parse for parse in parses if parse.score >= _LIKELY] or parses[:1]
    return tuple(
        Reading(
            parse.normal_form.replace("ё", "е"),
            frozenset(str(parse.tag).replace(" ", ",").split(",")),
            parse.is_known,
            parse,
        )
        for parse in likely
    ), found


def _order(word: str, language: str) -> tuple[str, str]:
    if _UKRAINIAN.search(word):
        return "uk", "ru"
    if _RUSSIAN.search(word) or language == "ru":
        return "ru", "uk"
    return "uk", "ru"


@lru_cache(maxsize=1 << 12)
def cyrillic_language(text: str) -> str:
    """`uk` or `ru`: which the Cyrillic words of a text are in; `uk` where nothing tells."""
    lowered = text.lower()
    parts = _LETTERS.findall(lowered)
    ukrainian = len(re.findall(r"[іїєґ]", lowered)) + 2 * sum(part in _UKRAINIAN_WORDS for part in parts)
    russian = 2 * len(_RUSSIAN.findall(lowered)) + 2 * sum(part in _RUSSIAN_WORDS for part in parts)
    if ukrainian == russian:
        known = {code: sum(_analyzer(code).word_is_known(part) for part in parts) for code in ("uk", "ru")}
        return "ru" if known["ru"] > known["uk"] else "uk"
    return "ru" if russian > ukrainian else "uk"


@cache
def _analyzer(language: str) -> Any:
    """A dictionary; about 15 MB, loaded when first asked for."""
    return MorphAnalyzer(lang=language)
