"""What was measured of one message in each service, as it is kept: seconds, bytes, and on what machine.

Processor seconds are of the machine that measured. `reference_seconds` says how fast that one is: how long a
fixed piece of Python takes there. Measured again elsewhere, figures scale with it.
"""

import hashlib
import json
import statistics
import time
from pathlib import Path

import msgspec

KEPT = Path(__file__).parent / "sizing" / "measured.json"
_ROUNDS, _TURNS = 5, 4000


class ServiceFigures(msgspec.Struct, frozen=True, kw_only=True):
    """One service, a message.

    Attributes:
        cpu: Processor seconds of all its processes.
        busiest_cpu: Processor seconds of the one that used most of its processes: it runs on one core.
        thread_seconds: Seconds in which a message held one of its threads, waiting included.
        memory_mb: What a container of it holds, in MB.
        start_seconds: From its start until it is ready.
        threads: Threads of its process.
    """

    cpu: float
    busiest_cpu: float
    thread_seconds: float
    memory_mb: float
    start_seconds: float
    threads: int


class ServerFigures(msgspec.Struct, frozen=True, kw_only=True):
    """Postgres and NATS, a message: processor seconds, and bytes that stay.

    Attributes:
        postgres_bytes: In tables and indexes, without the outboxes.
        outbox_bytes: In the outboxes, which keep a day.
        wal_bytes: Written ahead, which is what goes to backups and to a standby.
        event_bytes: In the stream of events, which keeps a day.
    """

    postgres_cpu: float
    nats_cpu: float
    postgres_bytes: float
    outbox_bytes: float
    wal_bytes: float
    event_bytes: float


class Scaled(msgspec.Struct, frozen=True, kw_only=True):
    """Throughput with so many worker processes.

    Attributes:
        rate: Messages a second.
        ratio: To one process.
        cores: Cores that the service's processes kept busy, on average.
    """

    processes: int
    rate: float
    ratio: float
    cores: float


class Measured(msgspec.Struct, frozen=True, kw_only=True):
    """All of it.

    Attributes:
        messages: Messages that were measured.
        embedded_share: Of the messages, those that are not noise.
        reference_seconds: How long the reference took on the machine.
        cores: That the machine has.
        services: By name.
        scaling: By service, what more processes brought.
    """

    messages: int
    embedded_share: float
    reference_seconds: float
    cores: int
    services: dict[str, ServiceFigures]
    servers: ServerFigures
    scaling: dict[str, list[Scaled]] = {}


def read_measured(path: Path = KEPT) -> Measured:
    """What was measured last, and kept."""
    return msgspec.json.decode(path.read_bytes(), type=Measured)


def keep_measured(measured: Measured, path: Path = KEPT) -> None:
    """Keep it in the tree, rounded to what can be told apart."""
    rounded = json.loads(msgspec.json.encode(measured), parse_float=lambda text: float(f"{float(text):.3g}"))
    path.write_text(json.dumps(rounded, indent=2) + "\n")


def reference_seconds() -> float:
    """How long the reference takes here: JSON there and back, hashes and a dictionary; the median of five."""
    return statistics.median(_reference() for _ in range(_ROUNDS))


def _reference() -> float:
    began = time.process_time()
    seen: dict[str, int] = {}
    for turn in range(_TURNS):
        text = json.dumps({"id": turn, "words": ["запит", "index", str(turn)] * 10, "at": turn / 7})
        digest = hashlib.sha256(text.encode()).hexdigest()
        seen[digest] = len(json.loads(text)["words"])
    return time.process_time() - began
