"""An upload on its way to the object store: streamed to a temporary file in bounded memory."""

import asyncio
import errno
import hashlib
import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, BinaryIO, cast

from litestar import Request
from multipart import (  # type: ignore[import-untyped]  # it ships no types
    MultipartError,
    MultipartSegment,
    PushMultipartParser,
)

from services.gateway.problems import FieldProblem, ProblemError

_RAW_TYPES = {"application/json", "application/octet-stream", ""}
_MULTIPART = "multipart/form-data"
_DISK_FULL = {errno.ENOSPC, errno.EDQUOT}
_WRITE_AT_ONCE = 1 << 20


@dataclass(frozen=True)
class Spooled:
    """An upload that lies whole in a temporary file, at its beginning.

    Attributes:
        file: The file; gone once the context that made it ends.
        filename: The name that the client gave, without folders; empty when it gave none.
        size: Bytes.
        digest: SHA-256 of the bytes.
    """

    file: BinaryIO
    filename: str
    size: int
    digest: bytes


class _Spool:
    """Writes chunks to a file off the event loop, a mebibyte at a time, and keeps count and hash."""

    def __init__(self, file: BinaryIO, limit: int) -> None:
        self._file, self._limit = file, limit
        self._buffer = bytearray()
        self._hash = hashlib.sha256()
        self.size = 0

    async def write(self, chunk: bytes | bytearray) -> None:
        self.size += len(chunk)
        if self.size > self._limit:
            raise too_large(self._limit)
        self._buffer += chunk
        if len(self._buffer) >= _WRITE_AT_ONCE:
            await self._flush()

    async def finish(self, filename: str) -> Spooled:
        await self._flush()
        await asyncio.to_thread(self._file.seek, 0)
        return Spooled(
            file=self._file, filename=_base_name(filename), size=self.size, digest=self._hash.digest()
        )

    async def _flush(self) -> None:
        block, self._buffer = self._buffer, bytearray()
        await asyncio.to_thread(self._keep, block)

    def _keep(self, block: bytearray) -> None:
        self._hash.update(block)
        self._file.write(block)


def too_large(limit: int) -> ProblemError:
    """413 with the limit in words."""
    return ProblemError(
        413, f"The upload is larger than the {limit:,} bytes that TT_UPLOAD_LIMIT_BYTES allows."
    )


@contextmanager
def temporary_file(folder: str | None) -> Iterator[BinaryIO]:
    """A temporary file that is gone at the end; a full disk is answered with 507.

    Args:
        folder: Where to put it; None is the system's own place.
    """
    try:
        with tempfile.TemporaryFile(dir=folder, prefix="tt-upload-") as file:
            yield cast("BinaryIO", file)
    except OSError as error:
        if error.errno not in _DISK_FULL:
            raise
        raise ProblemError(
            507,
            "There is no room left for the upload on the gateway's disk. Make room, or set TT_UPLOAD_FOLDER.",
        ) from error


async def spool(request: Request[Any, Any, Any], file: BinaryIO, *, limit: int) -> Spooled:
    """Write the request's body to a file: the raw body, or the first file of a multipart form.

    Args:
        request: Its body must not have been read.
        file: Open for writing and reading.
        limit: The most bytes to take.

    Raises:
        ProblemError: 413 over the limit, 415 for another type, 400 for a broken form, 422 for an empty file.
    """
    media_type, options = request.content_type
    if media_type not in _RAW_TYPES and media_type != _MULTIPART:
        raise ProblemError(
            415,
            f"Send the export as application/json, octet-stream or {_MULTIPART}, not as {media_type}.",
        )
    if media_type != _MULTIPART and (request.content_length or 0) > limit:
        raise too_large(limit)
    chunks = request.stream()
    writer = _Spool(file, limit)
    if media_type == _MULTIPART:
        spooled = await _spool_form(chunks, options.get("boundary"), writer)
    else:
        async for chunk in chunks:
            await writer.write(chunk)
        spooled = await writer.finish("")
    if spooled.size == 0:
        raise ProblemError(
            422, "The upload is empty.", errors=[FieldProblem(field="body", message="Empty.", source="body")]
        )
    return spooled


async def _spool_form(chunks: AsyncIterator[bytes], boundary: str | None, writer: _Spool) -> Spooled:
    if not boundary:
        raise ProblemError(400, "The multipart form has no boundary in its Content-Type.")
    filename: str | None = None
    in_file = False
    try:
        with PushMultipartParser(boundary.encode("latin-1"), max_segment_count=16) as parser:
            async for chunk in chunks:
                # What follows the last boundary is none of ours; it only has to be read.
                for part in () if parser.closed else parser.parse(chunk):
                    if isinstance(part, MultipartSegment):
                        in_file = filename is None and part.filename is not None
                        filename = part.filename if in_file else filename
                    elif part and in_file:
                        await writer.write(part)
    except MultipartError as error:
        raise ProblemError(400, "The multipart form cannot be read: it is broken or was cut off.") from error
    if filename is None:
        raise ProblemError(
            422,
            "The form has no file.",
            errors=[FieldProblem(field="file", message="Missing.", source="body")],
        )
    return await writer.finish(filename)


def _base_name(filename: str) -> str:
    return filename.replace("\\", "/").rpartition("/")[2]
