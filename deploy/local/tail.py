"""Follows log files as they grow, are rotated, or appear."""

import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

_LONGEST = 8_192  # bytes of a line; a longer one is cut
_AT_ONCE = 1 << 20


@dataclass
class Tail:
    """Reads what is appended to a file from now on, in whole lines."""

    path: Path
    _file: BinaryIO | None = field(default=None, init=False)
    _rest: bytes = field(default=b"", init=False)

    def __post_init__(self) -> None:
        """Skip what earlier runs have written."""
        self._open()
        if self._file is not None:
            self._file.seek(0, 2)

    def lines(self) -> list[str]:
        """The lines that were completed since the last call."""
        data = self._read()
        if self._rotated():
            data += self._read()
            self.close()
            self._open()
            data += self._read()
        *whole, self._rest = (self._rest + data).split(b"\n")
        self._rest = self._rest[-_LONGEST:]
        return [line[:_LONGEST].decode(errors="replace").rstrip("\r") for line in whole]

    def close(self) -> None:
        """Close the file; a later read opens it again from its beginning."""
        if self._file is not None:
            self._file.close()
            self._file = None

    def _read(self) -> bytes:
        if self._file is None:
            self._open()
        return self._file.read(_AT_ONCE) if self._file is not None else b""

    def _open(self) -> None:
        try:
            self._file = self.path.open("rb")
        except OSError:
            self._file = None

    def _rotated(self) -> bool:
        if self._file is None:
            return False
        try:
            now = self.path.stat()
        except OSError:
            return False
        ours = os.fstat(self._file.fileno())
        return now.st_ino != ours.st_ino or now.st_size < self._file.tell()
