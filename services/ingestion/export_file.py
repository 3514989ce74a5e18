"""An export file on disk, read in batches."""

from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Self

from services.ingestion.telegram.export import (
    ExportItem,
    ExportReader,
    SkippedMessage,
    UnreadableChat,
    UnreadableMessage,
)
from services.ingestion.telegram.export_faults import UnreadableExport
from services.ingestion.telegram.incoming import IncomingChat, IncomingMessage

_CHUNK = 64 * 1024


@dataclass(slots=True)
class Batch:
    """Some of a file's items, in their order.

    Attributes:
        items: How many items of the file they are.
        left_out: Messages that Telegram Desktop itself could not export.
        errors: Position and reason of each that cannot be read.
    """

    items: int = 0
    chats: list[IncomingChat] = field(default_factory=list)
    messages: list[IncomingMessage] = field(default_factory=list)
    left_out: int = 0
    errors: list[tuple[str, str]] = field(default_factory=list)

    def add(self, item: ExportItem) -> None:
        """Take one more item."""
        self.items += 1
        match item:
            case IncomingMessage():
                self.messages.append(item)
            case IncomingChat():
                self.chats.append(item)
            case SkippedMessage():
                self.left_out += 1
            case UnreadableMessage():
                number = "" if item.telegram_message_id is None else f", id {item.telegram_message_id}"
                self.errors.append((f"chat {item.chat_id}, message {item.position}{number}", item.reason))
            case UnreadableChat():
                self.errors.append((f"chat {item.position} of the file", item.reason))


class ExportFile:
    """Reads batches until the file ends. Not for two threads at once."""

    def __init__(self, path: Path, *, batch: int, skip: int) -> None:
        """Open a file.

        Args:
            path: The export file.
            batch: Items a batch.
            skip: Items at the beginning that were dealt with before.
        """
        self._file = path.open("rb")
        self._batch = batch
        self._skip = skip
        self._reader = ExportReader()
        self._waiting: list[ExportItem] = []
        self._is_at_end = False
        self._fault: UnreadableExport | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._file.close()

    def next_batch(self) -> Batch | None:
        """The next batch; None at the end of the file.

        Raises:
            UnreadableExport: After the batches of what could be read.
        """
        while len(self._waiting) < self._batch and not self._is_at_end:
            self._read_on()
        if not self._waiting:
            if self._fault is not None:
                raise self._fault
            return None
        batch = Batch()
        for item in self._waiting[: self._batch]:
            batch.add(item)
        del self._waiting[: self._batch]
        return batch

    def _read_on(self) -> None:
        chunk = self._file.read(_CHUNK)
        try:
            items = self._reader.feed(chunk) if chunk else []
            if not chunk:
                self._is_at_end = True
                self._reader.close()
        except UnreadableExport as fault:
            self._is_at_end, self._fault = True, fault
            return
        skipped = min(self._skip, len(items))
        self._skip -= skipped
        self._waiting.extend(items[skipped:])
