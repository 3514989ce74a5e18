"""Cue phrases: lists of words by which one sees what a sentence is up to, in Ukrainian, Russian and English.

A phrase is written between commas or line ends, as folded words (`shared.language.folding`) in a row:

- `word` that word; `word*` one that begins so; `wor(d|th)` with either ending
- `..` up to three words of any kind
- `^` in front: only where a sentence begins
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from services.analysis.local.sentences import sentences
from shared.language.folding import fold

_ENDINGS = re.compile(r"\(([^()]*)\)")
_GAP = r"(?: [^ ]+){0,3}"


@dataclass(frozen=True, slots=True)
class Cues:
    """Phrases, compiled: whether one of them is in a text."""

    anywhere: re.Pattern[str] | None
    first: re.Pattern[str] | None

    def are_in(self, text: str) -> bool:
        """Whether a text, as people write it, has one of the phrases."""
        return any(
            (self.anywhere is not None and self.anywhere.search(folded) is not None)
            or (self.first is not None and self.first.match(folded) is not None)
            for folded in map(fold, sentences(text))
        )


def cues(phrases: str) -> Cues:
    """Compile a list of phrases."""
    written = [phrase.strip() for phrase in re.split(r"[,\n]", phrases) if phrase.strip()]
    return Cues(
        _compiled(phrase for phrase in written if not phrase.startswith("^")),
        _compiled(phrase.removeprefix("^").strip() for phrase in written if phrase.startswith("^")),
    )


def _compiled(phrases: Iterable[str]) -> re.Pattern[str] | None:
    patterns = [_pattern(phrase) for phrase in phrases]
    return re.compile(f"(?:{'|'.join(patterns)})(?= )") if patterns else None


def _pattern(phrase: str) -> str:
    parts = []
    for word in phrase.split():
        if word == "..":
            parts.append(_GAP)
        else:
            stem = _ENDINGS.sub(lambda found: f"(?:{found[1]})", word.replace("*", "[^ ]*"))
            parts.append(f" {stem}")
    return "".join(parts)
