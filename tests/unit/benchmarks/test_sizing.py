"""The sizing simulation holds against what is known of queues, and says what its figures come to."""

import math
from itertools import pairwise
from pathlib import Path

import msgspec
import numpy as np
import pytest
from msgspec import structs

from deploy.kubernetes.rendered import overlay
from shared.messaging.events import LARGEST_BYTES
from tests.benchmarks.scaling_measured import Measured, ServerFigures, ServiceFigures, read_measured
from tests.benchmarks.sizing import __main__ as command
from tests.benchmarks.sizing import day, queue
from tests.benchmarks.sizing.assumptions import Assumptions, Day, Models, Scaler
from tests.benchmarks.sizing.chain import Replicas, Simulated, simulate, workers_of
from tests.benchmarks.sizing.costs import needs_of
from tests.benchmarks.sizing.picture import picture
from tests.benchmarks.sizing.scaling import Autoscaler
from tests.conftest import SERVICES

ONE = Scaler(target=1e12, least=1)
"""Always one replica."""


def figures(**changed: float) -> ServiceFigures:
    usual = {
        "cpu": 0.003,
        "busiest_cpu": 0.002,
        "thread_seconds": 0.02,
        "memory_mb": 100.0,
        "start_seconds": 5.0,
        "threads": 16,
    }
    return msgspec.convert({**usual, **changed}, ServiceFigures)


def measured() -> Measured:
    return Measured(
        messages=1000,
        embedded_share=0.5,
        reference_seconds=0.1,
        cores=2,
        services=dict.fromkeys(SERVICES, figures()),
        servers=ServerFigures(
            postgres_cpu=0.002,
            nats_cpu=0.0005,
            postgres_bytes=4000,
            outbox_bytes=5000,
            wal_bytes=9000,
            event_bytes=1000,
        ),
    )


def test_days_mean_is_what_was_asked_for_and_its_shape_is_that_of_a_working_day() -> None:
    live = day.rates(Day())
    came, imported = day.arrivals(Day(), 2_000_000, seed=3)

    assert live.mean() == pytest.approx(1.0, abs=0.01)
    assert live[3 * 3600] < 0.2
    assert live[15 * 3600] > 2.0
    assert came.sum() + imported.sum() == pytest.approx(2_000_000, rel=0.01)
    assert imported.sum() == pytest.approx(200_000, rel=0.01)
    assert imported[: 9 * 3600].sum() == 0


def test_same_seed_makes_the_same_day_and_another_one_another() -> None:
    first, again, other = (day.arrivals(Day(), 100_000, seed=seed)[0] for seed in (1, 1, 2))

    assert (first == again).all()
    assert (first != other).any()


@pytest.mark.parametrize("load", [0.5, 0.8])
def test_wait_is_that_of_m_d_1(load: float) -> None:
    """Pollaczek and Khinchine, for Poisson arrivals and equal services: load / (2 · rate · (1 - load))."""
    rate, step = 10.0, 0.01
    dice = np.random.default_rng(11)
    arrived = dice.poisson(load * rate * step, 400_000).astype(np.int64)

    course = queue.run(arrived, queue.Worker(rate, 0.1, 0), ONE, step=step)
    waited = queue.waits(course.arrived, course.served, points=200_000, step=step)

    assert waited.mean() == pytest.approx(load / (2 * rate * (1 - load)), rel=0.1)


def test_littles_law_holds_and_nothing_is_lost() -> None:
    arrived = np.add(*day.arrivals(Day(), 500_000, seed=5))

    course = queue.run(arrived, queue.Worker(7.0, 0.1, 5), Scaler(target=20, least=1))

    assert course.served.sum() == arrived.sum() == course.arrived.sum()
    assert course.waiting[-1] == 0
    assert (course.waiting >= 0).all()
    assert (np.cumsum(course.served) <= np.cumsum(course.arrived)).all()
    waited = queue.waits(course.arrived, course.served)
    rate = arrived.sum() / len(course.waiting)
    # What waits at the ends of seconds is seen half a second late.
    assert course.waiting.mean() == pytest.approx(rate * waited.mean(), rel=0.02)


def test_queue_is_never_shorter_than_what_came_less_what_could_be_served() -> None:
    arrived = np.full(600, 100, dtype=np.int64)

    course = queue.run(arrived, queue.Worker(60.0, 0.01, 0), ONE)

    seconds = np.arange(1, 601)
    assert (course.waiting[:600] == (100 - 60) * seconds).all()
    assert len(course.served) == math.ceil(600 * 100 / 60)
    # The last one came in the 600th second and went in the 1000th.
    assert queue.waits(course.arrived, course.served).max() == pytest.approx(400, abs=1)


def test_replicas_grow_with_lag_by_no_more_than_double_and_start_before_they_work() -> None:
    scaler = Scaler(target=10, least=2, every=15, up_window=30, up_pods=2)
    autoscaler = Autoscaler(scaler, start_seconds=20)

    grown = []
    for second in range(0, 121, 15):
        autoscaler.look(second, 1000)
        grown.append((second, autoscaler.wanted, autoscaler.ready(second)))

    assert grown[0] == (0, 4, 2)
    assert [wanted for _, wanted, _ in grown] == [4, 4, 8, 8, 16, 16, 32, 32, 64]
    assert all(ready <= wanted for _, wanted, ready in grown)
    assert autoscaler.ready(141) == 64


def test_replicas_go_one_a_minute_once_fewer_have_sufficed_for_five() -> None:
    scaler = Scaler(target=10, least=2)
    autoscaler = Autoscaler(scaler, start_seconds=0)
    for second in range(0, 60, 15):
        autoscaler.look(second, 80)
    assert autoscaler.wanted == 8

    course = []
    for second in range(60, 1200, 15):
        autoscaler.look(second, 0)
        course.append((second, autoscaler.wanted))

    first_gone = next(second for second, wanted in course if wanted < 8)
    assert 345 <= first_gone <= 360
    assert all(before - after <= 1 for (_, before), (_, after) in pairwise(course))
    assert course[-1][1] == 2
    gone = [second for (_, before), (second, after) in pairwise(course) if after < before]
    assert all(later - earlier >= 60 for earlier, later in pairwise(gone))


def test_lag_that_is_close_to_the_target_changes_nothing() -> None:
    autoscaler = Autoscaler(Scaler(target=10, least=2), start_seconds=0)
    autoscaler.look(0, 21.9)

    assert autoscaler.wanted == 2


def test_replica_does_what_its_core_allows_or_its_threads_whichever_is_less() -> None:
    given = Assumptions(busy=0.5, models=Models(embed_seconds=10.0, embed_items=10))
    workers = workers_of(measured(), given)

    assert workers["scoring"].rate == pytest.approx(0.5 / 0.002)
    assert workers["embedding"].rate == pytest.approx(16 / (0.02 + 1.0))
    assert workers["embedding"].task_seconds == pytest.approx(1.02)


def simulated(messages: int) -> Simulated:
    return simulate(messages, measured(), Assumptions())


def test_whole_chain_loses_nothing_and_more_messages_need_more() -> None:
    small, large = simulated(20_000), simulated(5_000_000)

    for result in (small, large):
        done = {name: int(course.served.sum()) for name, course in result.courses.items()}
        assert done["ingestion"] == done["scoring"] == result.messages
        assert done["embedding"] == result.messages // 2
        assert done["knowledge"] == result.live // 2 // Models().messages_per_extraction
        for stage in result.latency.values():
            assert list(stage.values()) == sorted(stage.values())
    assert small.replicas["knowledge"] == Replicas(2, 2.0, 2)
    assert large.replicas["knowledge"].most > 2
    assert large.latency["saved"][99] <= large.latency["scored"][99] <= large.latency["embedded"][99]


def test_events_that_the_stream_cannot_hold_go_back_less_than_a_day() -> None:
    result = simulated(100_000)
    usual = measured()
    event_bytes = 2 * LARGEST_BYTES / result.messages
    large = structs.replace(usual, servers=structs.replace(usual.servers, event_bytes=event_bytes))
    needs = needs_of(result, large, Assumptions())
    assert needs.events_hours == pytest.approx(12)
    assert needs.events_gb == pytest.approx(LARGEST_BYTES * 3 / 1e9)


def test_costs_are_proportional_to_messages_where_they_are() -> None:
    given = Assumptions()
    result = simulated(100_000)
    needs = needs_of(result, measured(), given)

    assert needs.postgres_gb == pytest.approx(result.messages * 4000 / 1e9)
    assert needs.events_gb == pytest.approx(result.messages * 1000 * 3 / 1e9)
    assert needs.events_hours == 24
    assert needs.input_tokens == pytest.approx(result.live * 0.5 * given.models.input_tokens)
    assert needs.dollars["vectors"] == pytest.approx(
        result.messages * 0.5 * given.models.embed_tokens * given.prices.embed_million / 1e6
    )
    two_of_each = 2 * len(result.replicas) * 24 * (0.04 + 100 * 1.5 / 1074 * 0.005)
    assert needs.dollars["services"] == pytest.approx(two_of_each, rel=0.01)


def test_command_writes_the_page_and_its_picture_by_figures_of_ones_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept, mine, out = tmp_path / "measured.json", tmp_path / "mine.json", tmp_path / "sizing.md"
    kept.write_bytes(msgspec.json.encode(measured()))
    mine.write_text('{"prices": {"cpu_hour": 1.0}}')
    arguments = ["--measured", str(kept), "--assume", str(mine), "--messages", "30000", "--out", str(out)]
    monkeypatch.setattr("sys.argv", ["sizing", *arguments])

    assert command.main() == 0

    text = out.read_text()
    assert "| messages a day | 30,000 |" in text
    assert "1 a core-hour" in text
    assert "<svg" in (tmp_path / "images" / "sizing.svg").read_text()


def test_assumption_that_there_is_not_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    mine = tmp_path / "mine.json"
    mine.write_text('{"prises": {}}')
    monkeypatch.setattr("sys.argv", ["sizing", "--assume", str(mine), "--out", str(tmp_path / "x.md")])

    with pytest.raises(SystemExit, match="nothing is assumed of prises"):
        command.main()


def test_picture_has_a_line_for_what_came_and_for_each_service() -> None:
    assert picture(simulated(20_000)).count("<polyline") == 5


@pytest.mark.parametrize("service", list(Assumptions().scalers))
def test_scalers_are_those_of_the_manifests(service: str) -> None:
    name = {"kind": "ScaledObject", "name": service}
    (spec,) = (
        each["spec"]
        for each in overlay("production")
        if {"kind": each["kind"], "name": each["metadata"]["name"]} == name
    )
    behavior = spec["advanced"]["horizontalPodAutoscalerConfig"]["behavior"]
    up = {policy["type"]: policy for policy in behavior["scaleUp"]["policies"]}
    (down,) = behavior["scaleDown"]["policies"]

    assert up["Percent"]["value"] == 100
    assert up["Percent"]["periodSeconds"] == up["Pods"]["periodSeconds"]
    assert down["value"] == 1
    assert Assumptions().scalers[service] == Scaler(
        target=float(spec["advanced"]["scalingModifiers"]["target"]),
        least=spec["minReplicaCount"],
        every=spec["pollingInterval"],
        up_window=up["Pods"]["periodSeconds"],
        up_pods=up["Pods"]["value"],
        down_after=behavior["scaleDown"]["stabilizationWindowSeconds"],
        down_every=down["periodSeconds"],
    )


def test_what_was_measured_is_kept_and_whole() -> None:
    kept = read_measured()

    assert set(kept.services) == set(SERVICES)
    assert all(each.cpu >= each.busiest_cpu > 0 for each in kept.services.values())
    assert all(each.start_seconds > 0 and each.memory_mb > 0 for each in kept.services.values())
    assert 0 < kept.embedded_share < 1
