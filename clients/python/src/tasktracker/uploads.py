"""Imports: a file goes through in pieces, however large it is."""

from collections.abc import Callable, Iterator
from pathlib import Path
from uuid import uuid4

from tasktracker.reading import record_of
from tasktracker.records.common import Accepted
from tasktracker.resource import Resource
from tasktracker.transport import IDEMPOTENCY_KEY, Call

_PIECE = 1 << 18
_SECONDS = 600.0

Progress = Callable[[int, int], None]
"""Is told bytes sent and bytes in all, after each piece; anew from 0 when the file is sent again."""


class Imports(Resource):
    """Imports of Telegram Desktop exports, by `client.imports`."""

    def upload(
        self, path: Path | str, *, progress: Progress | None = None, idempotency_key: str | None = None
    ) -> Accepted:
        """Import a chat from an export.

        `run_id` of the answer is the job's id: `client.jobs.get(accepted.run_id)` tells how it goes.

        Args:
            path: The `result.json` that Telegram Desktop wrote, of one chat or of all.
            progress: Is told how far the upload is.
            idempotency_key: A key of your own making, so that the server does it once even if you ask again
                within a day.

        Raises:
            OSError: The file cannot be read.
            TooLarge: It has more bytes than the server takes.
            NoSpace: The server's disk is full.
        """
        file = Path(path)
        size = file.stat().st_size
        call = Call(
            "POST",
            "/api/v1/ingestion/imports",
            query={"filename": file.name},
            content=lambda: _pieces(file, size, progress),
            headers={
                "Content-Type": "application/json",
                "Content-Length": str(size),
                IDEMPOTENCY_KEY: idempotency_key or str(uuid4()),
            },
            once=True,
            timeout=_SECONDS,
        )
        return record_of(self._transport.send(call), Accepted)


def _pieces(file: Path, size: int, progress: Progress | None) -> Iterator[bytes]:
    """The bytes of a file that has been measured; not one more, should it grow meanwhile."""
    sent = 0
    with file.open("rb") as opened:
        while sent < size and (piece := opened.read(min(_PIECE, size - sent))):
            yield piece
            sent += len(piece)
            if progress:
                progress(sent, size)
