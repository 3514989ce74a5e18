"""Words as people give them, in the form in which they are kept."""

from shared.contracts.errors import QueryError
from shared.llm.wording import clean, is_seen


def one_line(words: str, field: str) -> str:
    """A name, a title or an icon: white space folded.

    Raises:
        QueryError: `invalid`, with the field, when nothing else is in it.
    """
    return _something(" ".join(clean(words).split()), field)


def some_lines(words: str, field: str) -> str:
    """A text that has to say something: without white space around it.

    Raises:
        QueryError: `invalid`, with the field, when nothing else is in it.
    """
    return _something(clean(words), field)


def _something(words: str, field: str) -> str:
    if not is_seen(words):
        raise QueryError("invalid", f"The {field} is empty.", field=field)
    return words
