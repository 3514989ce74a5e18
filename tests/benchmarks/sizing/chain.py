"""A day of messages through all services: replicas, how long everything took, and what it comes to."""

from dataclasses import dataclass

import numpy as np

from tests.benchmarks.scaling_measured import Measured, ServiceFigures
from tests.benchmarks.sizing import day, queue
from tests.benchmarks.sizing.assumptions import Assumptions
from tests.benchmarks.sizing.day import SECONDS, Counts, Rates
from tests.benchmarks.sizing.queue import Course, Worker

PERCENTILES = (50, 95, 99, 99.9)
STAGES = {"saved": "ingestion", "scored": "scoring", "embedded": "embedding", "extracted": "knowledge"}
"""What becomes of a message, and by which service."""


@dataclass(frozen=True)
class Replicas:
    """Of one service over a day."""

    least: int
    mean: float
    most: int

    @classmethod
    def of(cls, course: Counts) -> "Replicas":
        """From how many there were in each second of the day."""
        within = course[:SECONDS]
        return cls(int(within.min()), float(within.mean()), int(within.max()))


@dataclass(frozen=True)
class Simulated:
    """What came of one day.

    Attributes:
        messages: That came, chance included.
        live: Of them, those that came live: what is imported is sent to no language model unasked.
        second: Messages in the mean second, in that of the busiest hour, and in the busiest minute.
        replicas: By service.
        courses: By service, second by second.
        latency: Seconds from a message's coming until it is saved, scored and so on, at each percentile.
        arrived: Messages that came, a second.
        came_live: Of them, those that came live.
    """

    messages: int
    live: int
    second: tuple[float, float, float]
    replicas: dict[str, Replicas]
    courses: dict[str, Course]
    latency: dict[str, dict[float, float]]
    arrived: Counts
    came_live: Counts


def simulate(messages: int, measured: Measured, given: Assumptions) -> Simulated:
    """Let a day happen.

    Args:
        messages: A day.
        measured: What a message costs in each service.
        given: Everything that was not measured.
    """
    live, imported = day.arrivals(given.day, messages, given.seed)
    arrived = live + imported
    courses: dict[str, Course] = {}
    latency: dict[str, dict[float, float]] = {}
    workers = workers_of(measured, given)
    came = arrived
    held = 0.0
    for stage, service in STAGES.items():
        if service == "embedding":
            came, arrived_here = _some(came, measured.embedded_share), _some(arrived, measured.embedded_share)
        elif service == "knowledge":
            # As they come: they are scored within a moment, and wait for others of their chat.
            came = arrived_here = _gathered(live, measured, given)
        else:
            arrived_here = arrived
        course = courses[service] = queue.run(came, workers[service], given.scalers[service])
        held = (0.0 if service == "knowledge" else held) + workers[service].task_seconds
        latency[stage] = _percentiles(queue.waits(arrived_here, course.served) + held)
        came = course.served if service != "embedding" else came
    return Simulated(
        messages=int(arrived.sum()),
        live=int(live.sum()),
        second=_busiest(arrived),
        replicas={name: Replicas.of(course.replicas) for name, course in courses.items()}
        | {"gateway": _gateway(arrived, measured.services["gateway"], given)},
        courses=courses,
        latency=latency,
        arrived=arrived,
        came_live=live,
    )


def workers_of(measured: Measured, given: Assumptions) -> dict[str, Worker]:
    """What one replica of each service does: as much as its core, and as its threads, allow."""
    models = given.models
    waits = {
        "embedding": models.embed_seconds / models.embed_items,
        "knowledge": models.extract_seconds,
    }
    found = {}
    for service in STAGES.values():
        figures = measured.services[service]
        size = models.messages_per_extraction / measured.embedded_share if service == "knowledge" else 1.0
        seconds = figures.thread_seconds * size + waits.get(service, 0.0)
        by_core = given.busy / (figures.busiest_cpu * size)
        found[service] = Worker(min(by_core, figures.threads / seconds), seconds, figures.start_seconds)
    return found


def _gateway(arrived: Counts, figures: ServiceFigures, given: Assumptions) -> Replicas:
    """By processor, a minute's mean: of it there are two at the least, and a half more than are busy."""
    busy = arrived[:SECONDS].reshape(-1, 60).mean(axis=1) * figures.cpu / given.busy
    return Replicas.of(np.maximum(np.ceil(busy), 2).astype(np.int64).repeat(60))


def _some(counts: Counts, share: float) -> Counts:
    """That share of them, evenly: whole ones, none twice."""
    through = np.floor(np.cumsum(counts) * share)
    some: Counts = np.diff(through, prepend=0.0).astype(np.int64)
    return some


def _gathered(live: Counts, measured: Measured, given: Assumptions) -> Counts:
    """Extractions: one for each so many messages that are not noise."""
    return _some(live, measured.embedded_share / given.models.messages_per_extraction)


def _percentiles(seconds: Rates) -> dict[float, float]:
    return dict(zip(PERCENTILES, map(float, np.percentile(seconds, PERCENTILES)), strict=True))


def busiest_live(simulated: Simulated) -> float:
    """Live messages a second in their busiest minute."""
    return _busiest(simulated.came_live)[2]


def _busiest(arrived: Counts) -> tuple[float, float, float]:
    within = arrived[:SECONDS]
    hours, minutes = within.reshape(24, -1).mean(axis=1), within.reshape(-1, 60).mean(axis=1)
    return float(within.mean()), float(hours.max()), float(minutes.max())
