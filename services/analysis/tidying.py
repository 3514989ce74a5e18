"""Words of a model in the form in which they are kept. Pure."""

from collections.abc import Iterable

from shared.llm.wording import clean, is_seen

_SHORTEST_CUT = 0.6


def one_line(words: str) -> str:
    """On one line, without what nobody sees; empty when nothing is left to be seen."""
    line = " ".join(clean(words).split())
    return line if is_seen(line) else ""


def cut(text: str, longest: int) -> str:
    """At most so many characters, cut between words where that is near enough, with a mark that it was."""
    if len(text) <= longest:
        return text
    head = text[: longest - 1]
    space = head.rfind(" ")
    return f"{(head[:space] if space >= longest * _SHORTEST_CUT else head).rstrip()}…"


def distinct(words: Iterable[str], *, longest: int, most: int) -> tuple[str, ...]:
    """The first of some one-line texts, each once whatever its case; what is too long is cut."""
    kept: dict[str, str] = {}
    for each in words:
        line = cut(one_line(each), longest)
        if line:
            kept.setdefault(line.casefold(), line)
    return tuple(kept.values())[:most]
