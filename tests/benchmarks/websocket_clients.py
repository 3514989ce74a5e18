"""Thousands of WebSocket clients in one process, each of which counts exactly what it is told.

Started by `tests.benchmarks.websocket`. Raw asyncio and no WebSocket library: what is measured is the server.
Says once that all are connected, then answers each line on stdin with a line of JSON: `state` with how many
are open and which events they are at, `report` with what all of them saw since the last report.
"""

import argparse
import asyncio
import json
import random
import struct
import sys
import time
from array import array
from dataclasses import dataclass, field
from typing import Any

import msgspec
import uvloop

from tests.benchmarks.open_files import allow_many_files

_AT_ONCE = 100
_PONG = bytes((0x8A, 0x80)) + bytes(4)
_PING, _CLOSE, _TEXT = 0x89, 0x88, 0x81


class _Data(msgspec.Struct):
    n: int = 0
    t: int = 0


class _Frame(msgspec.Struct):
    data: _Data
    type: str = ""
    seq: int = 0
    epoch: str = ""


_DECODE = msgspec.json.Decoder(_Frame)
_DECODE_BARE = msgspec.json.Decoder(_Data)


@dataclass
class Crowd:
    """All clients, and what they saw.

    Attributes:
        path: What is asked for, with a `?`.
        key: Sent as Bearer.
        bare: Whether frames are the data alone, as of a server that knows no positions.
    """

    port: int
    path: str
    key: str
    bare: bool
    delivered: int = 0
    missed: int = 0
    doubled: int = 0
    gaps: int = 0
    resumed: int = 0
    latencies: "array[int]" = field(default_factory=lambda: array("q"))
    frames: dict[bytes, _Frame] = field(default_factory=dict)

    def read(self, text: bytes) -> _Frame:
        """A frame's content; as all get the same, it is decoded once."""
        found = self.frames.get(text)
        if found is None:
            if len(self.frames) > 5000:
                self.frames.clear()
            found = _Frame(_DECODE_BARE.decode(text)) if self.bare else _DECODE.decode(text)
            self.frames[text] = found
        return found


class Client(asyncio.Protocol):
    """One client over its connections: comes back by itself, with its position."""

    def __init__(self, crowd: Crowd) -> None:
        self.crowd = crowd
        self.last = 0
        self.position = ""
        self.is_open = False
        self.opened = asyncio.Event()
        self.failures = 0
        self._rest = b""

    async def connect(self) -> None:
        loop = asyncio.get_running_loop()
        try:
            await loop.create_connection(lambda: self, "127.0.0.1", self.crowd.port)
        except OSError:
            self._again()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport: Any = transport
        self._rest = b""
        self.is_open = False
        after = f"&after={self.position}" if self.position else ""
        transport.write(  # type: ignore[attr-defined]
            f"GET {self.crowd.path}{after} HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\n"
            "Connection: Upgrade\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
            f"Sec-WebSocket-Version: 13\r\nAuthorization: Bearer {self.crowd.key}\r\n\r\n".encode()
        )

    def data_received(self, data: bytes) -> None:
        now = time.monotonic_ns()
        data = self._rest + data if self._rest else data
        if not self.is_open:
            head, found, data = data.partition(b"\r\n\r\n")
            if not found:
                self._rest = head
                return
            if not head.startswith(b"HTTP/1.1 101"):
                self.transport.abort()
                return
            self._begin()
        at, end = 0, len(data)
        while end - at >= 2:
            size, start = data[at + 1], at + 2
            if size == 126:
                if end - at < 4:
                    break
                size, start = (data[at + 2] << 8) | data[at + 3], at + 4
            elif size == 127:
                if end - at < 10:
                    break
                (size,), start = struct.unpack_from("!Q", data, at + 2), at + 10
            if start + size > end:
                break
            self._take(data[at], data[start : start + size], now)
            at = start + size
        self._rest = data[at:]

    def _begin(self) -> None:
        self.is_open, self.failures = True, 0
        if self.crowd.bare:
            self.opened.set()

    def _take(self, head: int, body: bytes, now: int) -> None:
        crowd = self.crowd
        if head == _PING:
            masked = bytes((0x8A, 0x80 | len(body))) + bytes(4) + body  # a mask of zeros changes nothing
            self.transport.write(masked)
            return
        if head != _TEXT and not (crowd.bare and head == 0x82):
            return
        frame = crowd.read(body)
        if frame.epoch:
            # From its first position on a client is told everything; before, perhaps nothing yet.
            self.position = f"{frame.epoch}:{frame.seq}"
            self.opened.set()
        if not frame.data.n:
            crowd.gaps += frame.type == "gap"
            crowd.resumed += frame.type == "hello" and self.last > 0
            return
        number = frame.data.n
        if self.last and number != self.last + 1:
            if number <= self.last:
                crowd.doubled += 1
                return
            crowd.missed += number - self.last - 1
        self.last = number
        crowd.delivered += 1
        crowd.latencies.append(now - frame.data.t)

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 - for whatever reason
        self.is_open = False
        self._again()

    def _again(self) -> None:
        self.failures = min(self.failures + 1, 3)
        pause = 0.25 * 2**self.failures * (0.75 + random.random() / 2)  # noqa: S311 - no secret
        loop = asyncio.get_running_loop()
        loop.call_later(pause, lambda: loop.create_task(self.connect()))


async def run(crowd: Crowd, number: int) -> None:
    """Connect, then do what stdin says."""
    clients = [Client(crowd) for _ in range(number)]
    for start in range(0, number, _AT_ONCE):
        some = clients[start : start + _AT_ONCE]
        await asyncio.gather(*(client.connect() for client in some))
        await asyncio.gather(*(client.opened.wait() for client in some))
    _say({"connected": number})
    while line := (await asyncio.to_thread(sys.stdin.readline)).strip():
        _say(_report(crowd) if line == "report" else _state(clients))


def _state(clients: list[Client]) -> dict[str, Any]:
    return {
        "open": sum(client.is_open for client in clients),
        "at": sorted({client.last for client in clients}),
    }


def _report(crowd: Crowd) -> dict[str, Any]:
    ordered = sorted(crowd.latencies)
    count = len(ordered)
    report = {
        "delivered": crowd.delivered,
        "missed": crowd.missed,
        "doubled": crowd.doubled,
        "gaps": crowd.gaps,
        "resumed": crowd.resumed,
        "p50": ordered[count // 2] / 1e6 if count else 0.0,
        "p99": ordered[count * 99 // 100] / 1e6 if count else 0.0,
    }
    crowd.delivered = crowd.missed = crowd.doubled = crowd.gaps = crowd.resumed = 0
    crowd.latencies = array("q")
    return report


def _say(what: dict[str, Any]) -> None:
    sys.stdout.write(json.dumps(what) + "\n")
    sys.stdout.flush()


def main() -> None:
    """Run the clients."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--path", required=True)
    parser.add_argument("--key", default="")
    parser.add_argument("--clients", type=int, required=True)
    parser.add_argument("--bare", action="store_true")
    arguments = parser.parse_args()
    allow_many_files(arguments.clients)
    uvloop.run(run(Crowd(arguments.port, arguments.path, arguments.key, arguments.bare), arguments.clients))


if __name__ == "__main__":
    main()
