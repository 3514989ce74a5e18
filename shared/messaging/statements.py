"""What the statements of a transaction did, in few words: for its span.

A summary names what is done to which tables, `SELECT messages chats` or `INSERT scores`, and no value: it is
made of the statement's text, in which values are placeholders.
See https://opentelemetry.io/docs/specs/semconv/db/database-spans/.
"""

import re
from collections import Counter
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, Final

from opentelemetry.trace import Span
from sqlalchemy import event
from sqlalchemy.ext.asyncio import AsyncConnection

_MOST_SUMMARIES: Final = 12
_MOST_TABLES: Final = 4
_NAME: Final = r'(?:ONLY\s+)?([\w".]++)'
_WORD: Final = re.compile(
    rf"\bINSERT\s+INTO\s+{_NAME}|\bDELETE\s+FROM\s+{_NAME}|\bUPDATE\s+{_NAME}(?:\s+AS\s+\w+)?\s+SET\b"
    rf"|\b(?:FROM|JOIN)\s+{_NAME}(?!\s*\()|\b(SELECT)\b",
    re.IGNORECASE,
)
_VERBS: Final = ("INSERT", "DELETE", "UPDATE", "", "SELECT")
_CTE: Final = re.compile(
    r"(?:\bWITH(?:\s+RECURSIVE)?|,)\s+(\w+)\s*(?:\([^()]*\)\s*)?AS\s+(?:(?:NOT\s+)?MATERIALIZED\s+)?\(",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Summary:
    """A statement in few words, and whether it writes."""

    text: str
    writes: bool


@lru_cache(maxsize=1024)
def summarise(statement: str) -> Summary:
    """Summarise a statement, by the words in it that say what is done and to what."""
    passing = {name.lower() for name in _CTE.findall(statement)}
    words: list[str] = []
    for found in _WORD.finditer(statement):
        number = next(index for index, group in enumerate(found.groups()) if group is not None)
        name = found.group(number + 1).replace('"', "").rpartition(".")[2]
        verb = _VERBS[number]
        if verb == "SELECT":
            words += [] if "SELECT" in words[-1:] else [verb]
        elif verb or name.lower() not in {*passing, *(word.lower() for word in words)}:
            words += [verb, name] if verb else [name]
    if not words:
        words = statement.split(None, 2)[:1]
    shown = words[: 2 * _MOST_TABLES]
    # A SELECT that reads from nothing but what was written before it says nothing.
    if len(shown) > 1 and shown[-1] == "SELECT":
        shown = shown[:-1]
    return Summary(" ".join(shown).strip(), writes=any(verb in words for verb in _VERBS[:3]))


@dataclass(slots=True)
class Tally:
    """What was counted of a transaction's statements; those that are the same are counted together."""

    statements: int = 0
    rows_written: int = 0
    rows_returned: int = 0
    latest: str = ""
    kinds: Counter[str] = field(default_factory=Counter)

    def follow(self, connection: AsyncConnection) -> None:
        """Count the statements of a connection from now on, for as long as it is not given back."""
        event.listen(connection.sync_connection, "before_cursor_execute", self._before)
        event.listen(connection.sync_connection, "after_cursor_execute", self._after)

    def put_on(self, span: Span) -> None:
        """Say on a span what was counted."""
        shown = [
            text if times == 1 else f"{text} x{times}"
            for text, times in list(self.kinds.items())[:_MOST_SUMMARIES]
        ]
        more = len(self.kinds) - len(shown)
        span.set_attribute("db.query.summary", "; ".join([*shown, *([f"{more} more"] if more > 0 else [])]))
        span.set_attribute("db.response.returned_rows", self.rows_returned)
        span.set_attribute("tt.db.statements", self.statements)
        span.set_attribute("tt.db.rows_written", self.rows_written)

    def place_in(self, schema: str) -> str:
        """How far a transaction came, as the beginning of a sentence."""
        where = f", at {self.latest} (statement {self.statements})" if self.statements else ""
        return f"transaction of {schema}{where}"

    def _before(self, _connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        self.latest = summarise(statement).text
        self.statements += 1
        self.kinds[self.latest] += 1

    def _after(
        self, _connection: Any, cursor: Any, statement: str, parameters: Any, _context: Any, many: Any
    ) -> None:
        rows = len(parameters) if many else max(0, cursor.rowcount)
        if summarise(statement).writes:
            self.rows_written += rows
        else:
            self.rows_returned += rows
