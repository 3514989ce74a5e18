"""What a day comes to: cores, memory, disks, tokens, dollars."""

from dataclasses import dataclass

from shared.messaging.events import LARGEST_BYTES
from tests.benchmarks.scaling_measured import Measured
from tests.benchmarks.sizing.assumptions import Assumptions
from tests.benchmarks.sizing.chain import Simulated, busiest_live

_HOURS, _DAYS = 24, 30
_MEMORY_ROOM = 1.5
"""A container may take so much more than it held when it was measured."""


@dataclass(frozen=True)
class Needs:
    """What a day takes.

    Attributes:
        postgres_cores: In the busiest minute, at the share that a core is counted on.
        nats_cores: The same.
        postgres_gb: That the database grows by in a day.
        kept_gb: That outboxes keep of the last day, in Postgres.
        wal_gb: Written ahead in a day: what goes to the backup.
        events_gb: Of events that NATS keeps, all copies together.
        events_hours: How far back they go: a day, or less where the stream is full before.
        input_tokens: Sent to the language model.
        output_tokens: Received from it.
        embed_tokens: Embedded.
        embed_calls: Calls for vectors at the same time, in the busiest minute.
        extractions: Extractions at the same time, in the busiest minute.
        dollars: By what for, a day.
    """

    postgres_cores: float
    nats_cores: float
    postgres_gb: float
    kept_gb: float
    wal_gb: float
    events_gb: float
    events_hours: float
    input_tokens: float
    output_tokens: float
    embed_tokens: float
    embed_calls: float
    extractions: float
    dollars: dict[str, float]


def needs_of(simulated: Simulated, measured: Measured, given: Assumptions) -> Needs:
    """What a simulated day takes."""
    number, servers, models = simulated.messages, measured.servers, given.models
    busiest = simulated.second[2]
    told, embedded = (each * measured.embedded_share for each in (simulated.live, number))
    postgres_gb = number * servers.postgres_bytes / 1e9
    kept_gb = number * servers.outbox_bytes / 1e9
    told_bytes = number * servers.event_bytes
    events_gb = min(told_bytes, LARGEST_BYTES) / 1e9 * given.nats_copies
    tokens = (told * models.input_tokens, told * models.output_tokens, embedded * models.embed_tokens)
    return Needs(
        postgres_cores=busiest * servers.postgres_cpu / given.busy,
        nats_cores=busiest * servers.nats_cpu / given.busy,
        postgres_gb=postgres_gb,
        kept_gb=kept_gb,
        wal_gb=number * servers.wal_bytes / 1e9,
        events_gb=events_gb,
        events_hours=24 * min(1.0, LARGEST_BYTES / told_bytes),
        input_tokens=tokens[0],
        output_tokens=tokens[1],
        embed_tokens=tokens[2],
        # Little's law: what is there at once is what comes a second, times how long it stays.
        embed_calls=busiest * measured.embedded_share * models.embed_seconds / models.embed_items,
        extractions=busiest_live(simulated)
        * measured.embedded_share
        * models.extract_seconds
        / models.messages_per_extraction,
        dollars={
            "services": _services(simulated, measured, given),
            "Postgres and NATS": _servers(simulated, measured, given),
            "disks, after a month": _disks(postgres_gb * _DAYS + kept_gb, events_gb, given),
            "language model": (
                tokens[0] * given.prices.input_million + tokens[1] * given.prices.output_million
            )
            / 1e6,
            "vectors": tokens[2] * given.prices.embed_million / 1e6,
        },
    )


def _services(simulated: Simulated, measured: Measured, given: Assumptions) -> float:
    """A core and its memory for each replica, as long as it is there."""
    prices = given.prices
    return sum(
        replicas.mean
        * _HOURS
        * (prices.cpu_hour + measured.services[name].memory_mb * _MEMORY_ROOM / 1074 * prices.memory_hour)
        for name, replicas in simulated.replicas.items()
    )


def _servers(simulated: Simulated, measured: Measured, given: Assumptions) -> float:
    """Cores for the busiest minute, one at the least, all day, with four GiB each; every copy has its own."""
    servers, busiest = measured.servers, simulated.second[2]
    cores = max(1.0, busiest * servers.postgres_cpu / given.busy) * given.postgres_copies
    cores += max(1.0, busiest * servers.nats_cpu / given.busy) * given.nats_copies
    return cores * _HOURS * (given.prices.cpu_hour + 4 * given.prices.memory_hour)


def _disks(postgres_gb: float, events_gb: float, given: Assumptions) -> float:
    kept = postgres_gb * given.postgres_copies + events_gb
    return kept * given.prices.disk_month / _DAYS
