"""Exemplars: for each bucket of a histogram the trace of the run that fell into it last.

Prometheus' client keeps exemplars in a process's memory, and none at all where several processes share what
they count (`PROMETHEUS_MULTIPROC_DIR`; https://github.com/prometheus/client_python/issues/826). So each
process also writes its own to a file beside the files of its counts, from which whoever answers `/metrics`
reads them.

A file is a row of entries, each written over in place: the length of its key, the key, then value, time,
trace id and a checksum of these, as a reader may come in the middle of a write.
"""

import os
import struct
import threading
import time
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import msgspec
from opentelemetry import trace
from prometheus_client import Histogram
from prometheus_client.samples import Exemplar
from prometheus_client.utils import floatToGoString

TRACE_ID: Final = "trace_id"
SUFFIX: Final = ".exemplars"

Place = tuple[str, tuple[tuple[str, str], ...], str]
"""A bucket: the metric's name, its labels in order of their names, and its upper bound."""

_KEY = msgspec.json.Encoder()
_LENGTH: Final = struct.Struct("<I")
_BODY: Final = struct.Struct("<dd16s")
_CHECKED: Final = struct.Struct("<I")


class TracedHistogram(Histogram):
    """A histogram whose buckets say which trace fell into them last, when that one is sampled."""

    def observe(self, amount: float, exemplar: dict[str, str] | None = None) -> None:
        """Count a value; the trace is that of the present span unless an exemplar is given."""
        exemplar = exemplar or current_exemplar()
        super().observe(amount, exemplar)
        folder = os.environ.get("PROMETHEUS_MULTIPROC_DIR")
        if exemplar is None or folder is None:
            return
        labels = tuple(sorted(zip(self._labelnames, self._labelvalues, strict=True)))
        bound = next(bound for bound in self._upper_bounds if amount <= bound)
        kept = Exemplar(exemplar, amount, time.time())
        _written.keep(folder, (self._name, labels, _text_of(bound)), kept)


def current_exemplar() -> dict[str, str] | None:
    """The present span's trace, for `observe`; None when there is none, or when it is not sampled."""
    return exemplar_of(trace.get_current_span())


def exemplar_of(span: trace.Span) -> dict[str, str] | None:
    """A span's trace, for `observe`; None when it is not sampled: nothing would be found by it."""
    found = span.get_span_context()
    if not found.is_valid or not found.trace_flags.sampled:
        return None
    return {TRACE_ID: f"{found.trace_id:032x}"}


def read_exemplars(folder: Path) -> dict[Place, Exemplar]:
    """The newest exemplar of each bucket that any process of the container kept."""
    newest: dict[Place, Exemplar] = {}
    for file in folder.glob(f"*{SUFFIX}"):
        for place, exemplar in _entries(file.read_bytes()):
            known = newest.get(place)
            if known is None or _time_of(known) < _time_of(exemplar):
                newest[place] = exemplar
    return newest


class _Written:
    """The file of this process, made when first written to; a forked child has one of its own."""

    _lock: threading.Lock
    _folder: str | None
    _places: dict[Place, int]
    _file: int
    _end: int

    def __init__(self) -> None:
        self._begin_anew()
        os.register_at_fork(after_in_child=self._begin_anew)

    def keep(self, folder: str, place: Place, exemplar: Exemplar) -> None:
        """Write a bucket's exemplar over the one before it."""
        body = _BODY.pack(exemplar.value, _time_of(exemplar), bytes.fromhex(exemplar.labels[TRACE_ID]))
        with self._lock:
            if self._folder != folder:
                self._open(folder)
            at = self._places.get(place)
            entry = body + _CHECKED.pack(zlib.crc32(body))
            if at is None:
                key = _KEY.encode(place)
                head = _LENGTH.pack(len(key)) + key
                self._places[place] = self._end + len(head)
                os.pwrite(self._file, head + entry, self._end)
                self._end += len(head) + len(entry)
            else:
                os.pwrite(self._file, entry, at)

    def _open(self, folder: str) -> None:
        path = Path(folder) / f"{os.getpid()}{SUFFIX}"
        # One of the same pid is of a process that is gone.
        self._file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
        self._folder, self._places, self._end = folder, {}, 0

    def _begin_anew(self) -> None:
        self._lock = threading.Lock()
        self._folder, self._places, self._end = None, {}, 0


def _text_of(bound: float) -> str:
    """A bound as Prometheus' client writes it."""
    return str(floatToGoString(bound))  # type: ignore[no-untyped-call]


def _time_of(exemplar: Exemplar) -> float:
    return float(exemplar.timestamp or 0)


def _entries(content: bytes) -> Iterator[tuple[Place, Exemplar]]:
    at, size = 0, _BODY.size + _CHECKED.size
    while at + _LENGTH.size <= len(content):
        (length,) = _LENGTH.unpack_from(content, at)
        begin = at + _LENGTH.size
        at = begin + length + size
        if at > len(content):
            return
        body = content[begin + length : at - _CHECKED.size]
        (checked,) = _CHECKED.unpack_from(content, at - _CHECKED.size)
        if checked == zlib.crc32(body):
            value, timestamp, trace_id = _BODY.unpack(body)
            place = msgspec.json.decode(content[begin : begin + length], type=Place)
            yield place, Exemplar({TRACE_ID: trace_id.hex()}, value, timestamp)


_written = _Written()
