"""Finding chats and messages in the JSON events of an export, without holding more than one message."""

from collections.abc import Iterable, Iterator
from enum import Enum, auto
from typing import Any

DEEPEST = 64
"""Levels of nesting. A message of Telegram's has about six."""

# Where a chat object stands: alone, or in a whole account's lists.
_CHAT_PLACES: tuple[list[str], ...] = ([], ["chats", "list", "[]"], ["left_chats", "list", "[]"])
_HEADER_FIELDS = frozenset({"name", "type", "id"})
_NEW: dict[str, type[dict[str, Any]] | type[list[Any]]] = {"start_map": dict, "start_array": list}


class Found(Enum):
    """What stands beside a value: the fields of a chat before its messages, or one element of `messages`."""

    CHAT = auto()
    MESSAGE = auto()


class TooDeep(ValueError):  # noqa: N818 - it reads as what it says of the file
    """Nested deeper than `DEEPEST`."""


class ExportWalk:
    """Walks one export: the events of ijson's `basic_parse` in, chats and messages out, in file order."""

    def __init__(self) -> None:
        self._path: list[str] = []
        self._header: dict[str, Any] = {}
        self._in_messages = False
        self._unfinished: list[Any] = []
        self._key = ""

    @property
    def inside_message(self) -> bool:
        """Whether a message has begun and not ended."""
        return bool(self._unfinished)

    def values(self, events: Iterable[tuple[str, Any]]) -> Iterator[tuple[Found, Any]]:
        """What these events complete. Take all of it before the next call.

        Raises:
            TooDeep: the file is nested deeper than any export.
        """
        unfinished = self._unfinished
        key = self._key
        for event, value in events:
            if not unfinished:
                yield from self._between_messages(event, value)
            elif event == "map_key":
                key = value
            elif event == "end_map" or event == "end_array":  # noqa: PLR1714 - the hottest line of an import
                done = unfinished.pop()
                if not unfinished:
                    yield Found.MESSAGE, done
            else:
                child = _NEW[event]() if event in _NEW else value
                top = unfinished[-1]
                if top.__class__ is dict:
                    top[key] = child
                else:
                    top.append(child)
                if child is not value:
                    self._descend(unfinished, child)
        self._key = key

    def _between_messages(self, event: str, value: Any) -> Iterator[tuple[Found, Any]]:
        if not self._in_messages:
            if self._step(event, value):
                yield Found.CHAT, self._header
        elif event in _NEW:
            self._unfinished.append(_NEW[event]())
        elif event == "end_array":
            self._in_messages = False
        else:
            yield Found.MESSAGE, value

    def _step(self, event: str, value: Any) -> bool:
        """Follow one event outside of messages; whether it opens a chat's list of messages."""
        path = self._path
        if event == "map_key":
            path[-1] = value
        elif event == "start_map":
            if path in _CHAT_PLACES:
                self._header = {}
            self._descend(path, "")
        elif event == "start_array":
            if path and path[-1] == "messages" and path[:-1] in _CHAT_PLACES:
                self._in_messages = True
                return True
            self._descend(path, "[]")
        elif event in {"end_map", "end_array"}:
            path.pop()
        elif path[-1] in _HEADER_FIELDS and path[:-1] in _CHAT_PLACES:
            self._header[path[-1]] = value
        return False

    @staticmethod
    def _descend(stack: list[Any], level: Any) -> None:
        if len(stack) >= DEEPEST:
            raise TooDeep
        stack.append(level)
