"""The spellings of a chat word: folded, unstretched, transliterated, typed on the wrong keyboard layout."""

import re
from collections.abc import Iterator

_LATIN_TO_CYRILLIC_LOOKALIKE = str.maketrans("aceiopxykmthb", "асеіорхукмтнв")
_CYRILLIC_TO_LATIN_LOOKALIKE = str.maketrans("асеіорхукмтнв", "aceiopxykmthb")
_KEYS = "qwertyuiop[]asdfghjkl;'zxcvbnm,."
_RUSSIAN_LAYOUT = "йцукенгшщзхъфывапролджэячсмитьбю"
_UKRAINIAN_LAYOUT = "йцукенгшщзхїфівапролджєячсмитьбю"
_TYPED_AS_LATIN = tuple(str.maketrans(_KEYS, layout) for layout in (_UKRAINIAN_LAYOUT, _RUSSIAN_LAYOUT))
_TYPED_AS_CYRILLIC = str.maketrans(_UKRAINIAN_LAYOUT + "ыъэ", _KEYS + "s]'")

_STRETCHED = re.compile(r"(.)\1{2,}")
_DOUBLED = re.compile(r"(.)\1+")
_LATIN = re.compile(r"[a-z]")
_CYRILLIC = re.compile(r"[\u0400-\u052f]")
_APOSTROPHES = re.compile("['\u2019\u02bc\u2018`\u00b4\u0301]")

# The Latin spellings of Ukrainian and Russian that people type; longer groups first.
_TRANSLITERATION = {
    "shch": "щ", "zgh": "зг", "sch": "щ", "zh": "ж", "kh": "х", "ts": "ц", "ch": "ч", "sh": "ш",
    "ya": "я", "ja": "я", "ia": "я", "yu": "ю", "ju": "ю", "iu": "ю", "ye": "є", "je": "є", "ie": "є",
    "yi": "ї", "ji": "ї", "yo": "йо", "jo": "йо",
    "a": "а", "b": "б", "c": "ц", "d": "д", "e": "е", "f": "ф", "g": "г", "h": "г", "i": "і", "j": "й",
    "k": "к", "l": "л", "m": "м", "n": "н", "o": "о", "p": "п", "q": "к", "r": "р", "s": "с", "t": "т",
    "u": "у", "v": "в", "w": "в", "x": "х", "y": "и", "z": "з",
}  # fmt: skip
_LETTER_GROUP = re.compile("|".join(sorted(_TRANSLITERATION, key=len, reverse=True)))
_MIN_TRANSLITERATED = 4
_MIN_OTHER_LAYOUT = 3


def fold(word: str) -> str:
    """The word in lower case, without apostrophes and the two dots of `ё`."""
    return _APOSTROPHES.sub("", word.lower()).replace("ё", "е").replace("ґ", "г")


def unmix(word: str) -> str:
    """A folded word in one alphabet, when some of its letters are the lookalikes of the other."""
    if not (_LATIN.search(word) and _CYRILLIC.search(word)):
        return word
    cyrillic = word.translate(_LATIN_TO_CYRILLIC_LOOKALIKE)
    if not _LATIN.search(cyrillic):
        return cyrillic
    latin = word.translate(_CYRILLIC_TO_LATIN_LOOKALIKE)
    return word if _CYRILLIC.search(latin) else latin


def unstretched(word: str) -> Iterator[str]:
    """Spellings of a folded word with its repeated letters taken back: `okaaay`, `cooool`, `прривіт`."""
    if _STRETCHED.search(word):
        yield _STRETCHED.sub(r"\1", word)
        yield _STRETCHED.sub(r"\1\1", word)
    if _DOUBLED.search(word):
        yield _DOUBLED.sub(r"\1", word)


def other_layout(word: str) -> Iterator[str]:
    """What the keys of a folded word give on the other keyboard layout: `ghbdsn`, `руддщ`."""
    if len(word) < _MIN_OTHER_LAYOUT:
        return
    if word.isascii():
        for layout in _TYPED_AS_LATIN:
            yield word.translate(layout)
    else:
        yield word.translate(_TYPED_AS_CYRILLIC)


def transliterated(word: str) -> Iterator[str]:
    """Cyrillic spellings of a folded word in Latin letters: `djakuju`, `vsih`."""
    if len(word) < _MIN_TRANSLITERATED or not (word.isascii() and word.isalpha()):
        return
    cyrillic = _LETTER_GROUP.sub(lambda group: _TRANSLITERATION[group.group()], word)
    yield cyrillic
    yield cyrillic.replace("є", "е").replace("і", "и")
    if cyrillic.endswith("и"):
        yield cyrillic[:-1] + "й"
    if "г" in cyrillic and "h" in word:
        yield cyrillic.replace("г", "х")
