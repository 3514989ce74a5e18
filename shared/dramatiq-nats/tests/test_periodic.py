"""Periodic jobs: the rules alone, and the schedules on a real server."""

import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

import dramatiq
import pytest
from dramatiq import Worker
from nats_server import Server, eventually

from dramatiq_nats import NatsBroker
from dramatiq_nats.naming import periodic_subject
from dramatiq_nats.periodic import Rule

RunWorker = Callable[..., Worker]
MakeBroker = Callable[..., NatsBroker]


def ms(text: str) -> int:
    return int(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp() * 1000)


@pytest.mark.parametrize(
    ("options", "due"),
    [
        ({"cron": "*/15 * * * *"}, "2026-03-01T10:15"),
        ({"cron": "30 0 9 * * mon-fri"}, "2026-03-02T09:00:30"),
        ({"cron": "0 12 * * *", "cron_timezone": "Europe/Kyiv"}, "2026-03-01T10:00"),
        ({"cron": "0 0 29 2 *"}, "2028-02-29T00:00"),
        ({"interval": timedelta(hours=1)}, "2026-03-01T10:30"),
        ({"interval": 90_000}, "2026-03-01T10:00:00"),
    ],
)
def test_next_time_follows_the_rule(options: dict[str, Any], due: str) -> None:
    rule = Rule.of(options)
    assert rule is not None
    last, now = ms("2026-03-01T09:30"), ms("2026-03-01T09:58:31")
    if "cron" in options and "cron_timezone" not in options:
        now = ms("2026-03-01T10:00")
    assert rule.after(last, now) == ms(due)


@pytest.mark.parametrize(
    ("options", "text"),
    [
        ({"cron": "every day"}, "not valid"),
        ({"cron": "61 * * * *"}, "not valid"),
        ({"cron": "0 0 31 2 *"}, "cron expression"),
        ({"cron": "0 5 * * *", "cron_timezone": "Mars/Base"}, "time zone"),
        ({"interval": 10}, "at least 1000 ms"),
        ({"cron": "0 5 * * *", "interval": 5_000}, "not both"),
        ({"cron": 5}, "cron must be an expression"),
        ({"interval": "1m"}, "interval must be milliseconds"),
        ({"cron_timezone": "Europe/Kyiv"}, "goes with cron"),
    ],
)
def test_rule_that_makes_no_sense_is_refused_when_declared(
    broker: NatsBroker, options: dict[str, Any], text: str
) -> None:
    with pytest.raises((ValueError, TypeError), match=text):
        dramatiq.actor(broker=broker, actor_name="bad", **options)(lambda: None)
    with pytest.raises(ValueError, match="called without arguments: missing a required argument: 'x'"):
        dramatiq.actor(broker=broker, actor_name="bad", interval=1_000)(lambda x: x)
    assert "bad" not in broker.actors


def declare(broker: NatsBroker, ran: list[float], **options: Any) -> None:
    dramatiq.actor(broker=broker, actor_name="tick", **options)(lambda: ran.append(time.time()))


def test_whole_fleet_runs_each_firing_once(
    server: Server, namespace: str, make_broker: MakeBroker, run_worker: RunWorker
) -> None:
    ran: list[float] = []
    for _ in range(3):
        broker = make_broker(servers=server.url, namespace=namespace)
        declare(broker, ran, interval=1_000)
        run_worker(broker)
    eventually(lambda: len(ran) == 3)
    gaps = [after - before for before, after in pairwise(ran)]
    assert all(gap > 0.7 for gap in gaps), gaps


def test_firings_missed_while_all_workers_were_away_run_once(
    server: Server, namespace: str, make_broker: MakeBroker
) -> None:
    ran: list[float] = []
    first = make_broker(servers=server.url, namespace=namespace)
    declare(first, ran, interval=1_000)
    worker = Worker(first, worker_timeout=100)
    worker.start()
    eventually(lambda: len(ran) == 1)
    worker.stop()
    first.close()
    before = len(ran)
    time.sleep(3.5)
    second = make_broker(servers=server.url, namespace=namespace)
    declare(second, ran, interval=1_000)
    worker = Worker(second, worker_timeout=100)
    began = time.time()
    worker.start()
    eventually(lambda: len(ran) >= before + 2)
    worker.stop()
    # The one that waited at once, then the regular one: not three in a row.
    assert ran[before] - began < 0.7
    assert ran[before + 1] - ran[before] > 0.2


def test_firing_missed_while_the_server_was_away_runs_on_return(
    own_server: Server, make_broker: MakeBroker, run_worker: RunWorker
) -> None:
    ran: list[float] = []
    broker = make_broker(servers=own_server.url)
    declare(broker, ran, interval=2_000)
    run_worker(broker)
    eventually(lambda: broker.queue_stats() != [] and schedule(broker) is not None)
    own_server.kill()
    time.sleep(3)
    assert ran == []
    own_server.start()
    back = time.time()
    eventually(lambda: len(ran) == 1)
    assert ran[0] - back < 2


def schedule(broker: NatsBroker) -> dict[str, str] | None:
    subject = periodic_subject(broker.namespace, "default", "tick")
    connection = broker.connection
    try:
        found = connection.call(lambda: connection.js.get_msg(f"{broker.namespace}_WQ", subject=subject), 5)
    except Exception:  # noqa: BLE001 - none yet
        return None
    return dict(found.headers or {})


def test_new_rule_takes_the_place_of_the_old(
    server: Server, namespace: str, make_broker: MakeBroker, run_worker: RunWorker
) -> None:
    for cron in ("0 3 * * *", "0 4 * * *"):
        broker = make_broker(servers=server.url, namespace=namespace)
        declare(broker, [], cron=cron)
        run_worker(broker)
        eventually(lambda: f"{cron} UTC" == (schedule(broker) or {}).get("Dramatiq-Periodic"))  # noqa: B023
    assert "T04:00:00" in (schedule(broker) or {})["Nats-Schedule"]


def test_schedule_neither_holds_up_join_nor_counts_as_delayed(
    broker: NatsBroker, run_worker: RunWorker
) -> None:
    declare(broker, [], cron="0 3 * * *")
    run_worker(broker)
    eventually(lambda: schedule(broker))
    broker.join("default", timeout=2_000)
    eventually(broker.queue_stats)
    (stats,) = broker.queue_stats()
    assert stats.delayed == 0


def test_job_whose_actor_is_gone_ends_with_one_dead_letter(
    server: Server, namespace: str, make_broker: MakeBroker, run_worker: RunWorker
) -> None:
    old = make_broker(servers=server.url, namespace=namespace)
    declare(old, [], interval=1_000)
    worker = Worker(old, worker_timeout=100)
    worker.start()
    eventually(lambda: schedule(old))
    worker.stop()
    new = make_broker(servers=server.url, namespace=namespace)
    new.declare_queue("default")
    run_worker(new)
    eventually(lambda: [letter.reason for letter in new.list_dead_letters()] == ["actor-not-found"])
    assert schedule(new) is None


def test_firings_that_piled_up_behind_a_backlog_run_once(
    broker: NatsBroker, run_worker: RunWorker, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("dramatiq_nats.periodic._CHECK_EVERY", 0.3)
    ran: list[float] = []
    go = threading.Event()
    declare(broker, ran, interval=1_000)
    dramatiq.actor(broker=broker, actor_name="slow")(lambda: go.wait(20)).send()
    worker = run_worker(broker, threads=1)
    # Three firings wait behind the slow one, as the schedule is made anew each time it is missing.
    eventually(lambda: broker.get_queue_message_counts("default")[0] >= 4)
    assert ran == []
    go.set()
    eventually(lambda: len(ran) >= 2)
    assert ran[1] - ran[0] > 0.5
    worker.stop()


def test_job_of_every_queue_is_scheduled_at_once(broker: NatsBroker, run_worker: RunWorker) -> None:
    ran: set[str] = set()

    def tick(name: str) -> Callable[[], None]:
        return lambda: ran.add(name)

    for name in "abcd":
        dramatiq.actor(broker=broker, actor_name=name, queue_name=name, interval=1_000)(tick(name))
    run_worker(broker)
    eventually(lambda: ran == set("abcd"), 5)
