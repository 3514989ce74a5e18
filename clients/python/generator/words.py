"""Docstrings out of the document's descriptions, in lines of a fitting length."""

import textwrap
from collections.abc import Mapping, Sequence
from typing import Any

_WIDTH = 108


def docstring(
    summary: str, more: str = "", sections: Mapping[str, Mapping[str, str]] | None = None, *, indent: int
) -> str:
    """A docstring, indented, ready to stand in the text of a module.

    Args:
        summary: What the first line says.
        more: Paragraphs after it.
        sections: Name of a section -> name of an item -> what is said of it.
        indent: Spaces before each line.
    """
    room = _WIDTH - indent
    parts = [_first_line(summary, more, room)]
    for title, items in (sections or {}).items():
        if items:
            lines = [_item(name, said, room) for name, said in items.items()]
            parts.append("\n".join([f"{title}:", *lines]))
    text = "\n\n".join(part for part in parts if part).replace("\\", "\\\\").replace('"""', "'''")
    whole = f'"""{text}\n"""' if "\n" in text else f'"""{text}"""'
    return textwrap.indent(whole, " " * indent)


def first_and_rest(text: str) -> tuple[str, str]:
    """The first sentence of a description and what follows it."""
    begin, *paragraphs = text.split("\n\n")
    first, _, rest = " ".join(begin.split()).partition(". ")
    return sentence(first), "\n\n".join(part for part in (rest, *paragraphs) if part)


def sentence(text: str) -> str:
    """A text with the stop that a sentence ends with."""
    return text if text.endswith(("?", "!")) else f"{text.rstrip('.')}."


def with_choices(schema: Mapping[str, Any], said: str) -> str:
    """What is said of a field, with the values that it may have."""
    enum: Sequence[Any] = [value for value in schema.get("enum", []) if value is not None]
    if not enum or all(f"`{value}`" in said for value in enum):
        return said
    choices = f"One of {', '.join(f'`{value}`' for value in enum)}."
    return f"{said} {choices}".strip()


def _first_line(summary: str, more: str, room: int) -> str:
    # The first line stands after three quotes, and closes with three when it is alone.
    if len(summary) + 6 > room:
        head, _, tail = summary.partition(": ")
        if tail and len(head) + 7 <= room:
            summary, more = (
                f"{head}.",
                "\n\n".join(part for part in (tail[:1].upper() + tail[1:], more) if part),
            )
        else:
            short = textwrap.shorten(summary, room - 10, placeholder=" ….")
            summary, more = short, "\n\n".join(part for part in (summary, more) if part)
    paragraphs = [_wrapped(part, room) for part in more.split("\n\n") if part.strip()]
    return "\n\n".join([summary, *paragraphs])


def _wrapped(paragraph: str, room: int) -> str:
    return textwrap.fill(" ".join(paragraph.split()), room, break_long_words=False, break_on_hyphens=False)


def _item(name: str, said: str, room: int) -> str:
    return textwrap.fill(
        f"{name}: {' '.join(said.split())}",
        room,
        initial_indent="    ",
        subsequent_indent="        ",
        break_long_words=False,
        break_on_hyphens=False,
    )
