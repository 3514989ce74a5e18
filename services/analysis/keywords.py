"""Keywords: whether a text has one of a project's words, as a word, in any of its forms. Pure.

A keyword is compared word by word: `ok` is not in `token`, and `оплата карткою` are two words in a row.
Spelling is folded (`shared.language.folding`), and two words are the same when a stem that one may have
(`shared.language.stems`) is one that the other may have, but for what inflection changes at its end:
`помилка, помилок, помилці`; `вхід, входу`; `release, releasing`; `query, queries`. A keyword is best given in
the form in which a dictionary has it; of verbs other than English ones each form is a word of its own. The
rule is light: it finds a few words too many (`двір`, `двері`) and misses what changes more (`друг`, `друзі`).

What begins or ends with a sign that belongs to it (`C++`, `#urgent`, `.env`) is found as it is written,
whatever its case; so is what has no word in it at all (an emoji).
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from shared.language.folding import words_of
from shared.language.stems import possible_stems

_BEFORE = " \t\n\"'«»“”„‘’([{"
_BEHIND = _BEFORE + ")]}.,;:!?…"
_DOUBLED = re.compile(r"([^\W\d_lаеиіоуюяєї])\1$")
_FLEETING = re.compile(r"[оеі](?=[^\W\d_аеиіоуюяєїыэ]$)")
_CYRILLIC_CONSONANT = re.compile("[бвгджзклмнпрстфхцчшщ]$")
_SHORTEST_CHANGED = 4
_EMOJI_MARK = "\ufe0f"

Row = tuple[frozenset[str], ...]
"""The words of a keyword: of each the roots that it may have."""


@dataclass(frozen=True, slots=True)
class Keywords:
    """Words to look for, made ready once for many texts; by `prepare`.

    Attributes:
        rows: By each root that a keyword's first word may have: those of all its words, and the keyword.
        signs: What is looked for as it is written, and the keyword.
    """

    rows: dict[str, list[tuple[Row, str]]]
    signs: tuple[tuple[re.Pattern[str], str], ...]

    def found_in(self, text: str) -> set[str]:
        """The keywords that a text has, as they were given."""
        spoken = [roots_of(word.folded) for word in words_of(text)] if self.rows else []
        found = {
            keyword
            for place, roots in enumerate(spoken)
            for root in roots
            for row, keyword in self.rows.get(root, ())
            if _stands_at(spoken, place, row)
        }
        if self.signs:
            written = _as_written(text)
            found |= {keyword for pattern, keyword in self.signs if pattern.search(written)}
        return found

    def are_in(self, text: str) -> bool:
        """Whether a text has at least one of the keywords."""
        return bool(self.found_in(text))


def prepare(words: Sequence[str]) -> Keywords:
    """Make keywords ready to be looked for in many texts."""
    return _prepare(tuple(words))


def has_word(text: str, words: Sequence[str]) -> bool:
    """Whether a text has at least one of these words, in any of its forms; never, when there are none."""
    return prepare(words).are_in(text)


@lru_cache(maxsize=1 << 15)
def roots_of(word: str) -> frozenset[str]:
    """The stems that a folded word may have, each less what inflection changes at its end."""
    return frozenset(_root(stem) for stem in possible_stems(word))


def _roots_of_keyword(word: str) -> frozenset[str]:
    """The same of a keyword, which has no ending when its last letter is a Cyrillic consonant: `режим`."""
    return frozenset({_root(word)}) if _CYRILLIC_CONSONANT.search(word) else roots_of(word)


def _root(stem: str) -> str:
    if len(stem) < _SHORTEST_CHANGED or any(character.isdigit() for character in stem):
        return stem
    root = _DOUBLED.sub(r"\1", stem)
    if len(root) < _SHORTEST_CHANGED:
        return root
    return _latin_root(root) if root.isascii() else _cyrillic_root(root)


def _latin_root(root: str) -> str:
    """`cod(ing)` and `code`, `query` and `queri(es)` become one."""
    return f"{root[:-1]}i" if root.endswith("y") else root.removesuffix("e")


def _cyrillic_root(root: str) -> str:
    """`помилк(а)`, `помилок` and `помилц(і)`, `вхід` and `вход(у)` become one."""
    hard = f"{root[:-1]}к" if root.endswith("ц") else root
    return _FLEETING.sub("", hard)


@lru_cache(maxsize=256)
def _prepare(words: tuple[str, ...]) -> Keywords:
    rows: dict[str, list[tuple[Row, str]]] = {}
    signs = []
    for keyword in words:
        written = keyword.replace(_EMOJI_MARK, "")
        bare = written.lstrip(_BEFORE).rstrip(_BEHIND) or written.strip()
        if not bare:
            continue
        if _is_word(bare[0]) and _is_word(bare[-1]):
            row = tuple(_roots_of_keyword(word.folded) for word in words_of(bare))
            for root in row[0]:
                rows.setdefault(root, []).append((row, keyword))
        else:
            signs.append((_pattern(bare), keyword))
    return Keywords(rows, tuple(signs))


def _stands_at(spoken: Sequence[frozenset[str]], place: int, row: Row) -> bool:
    here = spoken[place : place + len(row)]
    return len(here) == len(row) and all(word & asked for word, asked in zip(here, row, strict=True))


def _pattern(bare: str) -> re.Pattern[str]:
    """Finds what is written just so; a letter or digit at its edge is not within a longer word."""
    before = r"(?<!\w)" if _is_word(bare[0]) else ""
    behind = r"(?!\w)" if _is_word(bare[-1]) else ""
    return re.compile(before + re.escape(_as_written(bare)) + behind)


def _is_word(character: str) -> bool:
    return character.isalnum()


def _as_written(text: str) -> str:
    return text.casefold().replace(_EMOJI_MARK, "")
