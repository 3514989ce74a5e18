"""Telegram Desktop's export file (`result.json`), read as a stream in bounded memory."""

from collections.abc import Iterable, Iterator
from typing import Any

import ijson  # type: ignore[import-untyped]  # it ships no types
import msgspec

from services.ingestion.telegram import export_faults
from services.ingestion.telegram.export_faults import UnreadableExport
from services.ingestion.telegram.export_messages import ExportedChat, exported_chat
from services.ingestion.telegram.export_repair import Repair
from services.ingestion.telegram.export_walk import ExportWalk, Found, TooDeep
from services.ingestion.telegram.fields import Unreadable, clean, exported_message_id
from services.ingestion.telegram.incoming import IncomingChat, IncomingMessage

_PIECE = 64 * 1024
_LARGEST_VALUE = 8 * 1024 * 1024
_HEAD = 8


class UnreadableChat(msgspec.Struct, frozen=True, tag="unreadable_chat"):
    """A chat that is passed over with all its messages. `position` counts the file's chats from 1."""

    position: int
    reason: str


class UnreadableMessage(msgspec.Struct, frozen=True, tag="unreadable_message"):
    """A message that is passed over. `position` counts the chat's messages from 1."""

    chat_id: int
    position: int
    telegram_message_id: int | None
    reason: str


class SkippedMessage(msgspec.Struct, frozen=True, tag="skipped_message"):
    """What Telegram Desktop could not export itself: `type: unsupported`, without date or content."""

    chat_id: int
    position: int
    telegram_message_id: int | None


ExportItem = IncomingChat | IncomingMessage | UnreadableMessage | SkippedMessage | UnreadableChat


class ExportReader:
    """Takes the file's bytes chunk by chunk, from wherever they come, and gives what is in them.

    For each chat an `IncomingChat`, then its messages in the order of the file. Feed every chunk, then close.
    A file that cannot be read on raises `UnreadableExport`, but never at the cost of items: when the faulty
    chunk still held good ones they are returned, and the next call raises. Memory: the chunk's items, one
    message, and what `ExportedChat` remembers.
    """

    def __init__(self) -> None:
        self._fault: UnreadableExport | None = None
        self._position = 0
        self._head = b""
        self._recognised = False
        self._repair = Repair()
        self._events = ijson.sendable_list()
        self._parser = ijson.basic_parse_coro(self._events)
        self._walk = ExportWalk()
        self._bytes_of_value = 0
        self._events_seen = False
        self._chats_seen = 0
        self._chat: ExportedChat | None = None
        self._chat_position = 0
        self._messages_seen = 0
        self._last_id: int | None = None

    def feed(self, chunk: bytes) -> list[ExportItem]:
        """The items that this chunk completes, in order.

        Raises:
            UnreadableExport: the file cannot be read further.
        """
        items: list[ExportItem] = []
        for start in range(0, len(chunk), _PIECE):
            if self._fault is None:
                self._take(chunk[start : start + _PIECE], items)
        if self._fault is not None and not items:
            raise self._fault
        return items

    def close(self) -> None:
        """Say that there are no more chunks.

        Raises:
            UnreadableExport: the file ended too early or holds no messages, or a fault that `feed` held back.
        """
        if not self._recognised:
            self._parse(self._repair.feed(self._open(self._head)), [])
        # What is left in the filter is half an escape or half a character: it completes no message.
        self._parse(self._repair.finish(), [])
        if self._fault is None:
            self._end()
        if self._fault is not None:
            raise self._fault

    def _take(self, piece: bytes, items: list[ExportItem]) -> None:
        self._position += len(piece)
        if not self._recognised:
            self._head = (self._head + piece).lstrip()
            if len(self._head) < _HEAD:
                return
            piece = self._open(self._head)
        before = len(items)
        self._parse(self._repair.feed(piece), items)
        done = len(items) > before or (self._events_seen and not self._walk.inside_message)
        self._bytes_of_value = 0 if done else self._bytes_of_value + len(piece)
        if self._bytes_of_value > _LARGEST_VALUE and self._fault is None:
            self._fault = export_faults.too_large(self._position, self._progress())

    def _open(self, head: bytes) -> bytes:
        self._recognised = True
        self._head = b""
        self._fault = export_faults.recognised(head) if head.strip() else export_faults.empty_file()
        return head

    def _parse(self, data: bytes, items: list[ExportItem]) -> None:
        if self._fault is not None or not data:  # ijson takes no data for the end of the file
            return
        broken = self._events_of(data)
        self._events_seen = bool(self._events)
        self._collect(items)
        if broken is not None and self._fault is None:
            self._fault = export_faults.not_json(self._position, self._progress(), broken)

    def _events_of(self, data: bytes) -> str | None:
        """Put the events of these bytes into `_events`; say what is wrong with the JSON after them, if so."""
        try:
            self._parser.send(data)
        except ijson.JSONError as error:
            return clean(str(error).removeprefix("b'").splitlines()[0][:100]).strip()
        except (ValueError, SystemError):
            # Python refuses a number of thousands of digits, and ijson leaves a half-made event behind that
            # crashes the process when it is looked at.
            self._events.clear()
            return "a number is too long"
        return None

    def _end(self) -> None:
        try:
            self._parser.close()
        except ijson.IncompleteJSONError:
            self._fault = export_faults.truncated(self._position, self._progress())
        else:
            if not self._chats_seen:
                self._fault = export_faults.no_messages(self._position)

    def _collect(self, items: list[ExportItem]) -> None:
        try:
            for found, value in self._walk.values(self._events):
                item = self._message(value) if found is Found.MESSAGE else self._start(value)
                if item is not None:
                    items.append(item)
        except TooDeep:
            self._fault = export_faults.too_large(self._position, self._progress())
        self._events.clear()

    def _start(self, header: dict[str, Any]) -> IncomingChat | UnreadableChat:
        self._chats_seen += 1
        self._chat_position = 0
        self._chat = None
        try:
            chat = exported_chat(header)
        except Unreadable as fault:
            reason = f"Chat {self._chats_seen} of the file cannot be imported: {fault}."
            return UnreadableChat(self._chats_seen, reason)
        self._chat = ExportedChat(chat)
        return chat

    def _message(self, raw: Any) -> IncomingMessage | UnreadableMessage | SkippedMessage | None:
        if self._chat is None:
            return None
        self._chat_position += 1
        self._messages_seen += 1
        chat_id = self._chat.chat.telegram_id
        if not isinstance(raw, dict):
            reason = f"Message {self._chat_position} cannot be imported: it is no JSON object."
            return UnreadableMessage(chat_id, self._chat_position, None, reason)
        if raw.get("type") == "unsupported":
            return SkippedMessage(chat_id, self._chat_position, exported_message_id(raw.get("id")))
        try:
            message = self._chat.read(raw)
        except Unreadable as fault:
            reason = f"Message {self._chat_position} cannot be imported: {fault}."
            return UnreadableMessage(chat_id, self._chat_position, exported_message_id(raw.get("id")), reason)
        self._last_id = message.telegram_message_id
        return message

    def _progress(self) -> str:
        if self._last_id is None:
            return "before the first message"
        return f"after {self._messages_seen:,} messages, the last with id {self._last_id}"


def read_export(chunks: Iterable[bytes]) -> Iterator[ExportItem]:
    """All items of an export whose chunks are at hand, such as a file opened for reading bytes.

    Raises:
        UnreadableExport: as `ExportReader`, after the items read until then.
    """
    reader = ExportReader()
    for chunk in chunks:
        yield from reader.feed(chunk)
    reader.close()
