"""Worker processes say what they do; who is gone is forgotten; NATS being away hurts no task."""

import asyncio
import os
import threading
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import pytest
from nats.js import api

from deploy.local.nats import running_nats
from shared.contracts.scoring import ScoreUnscoredMessages
from shared.messaging.commands import publish_command
from shared.messaging.connection import bind_nats, close_connection, connection
from shared.messaging.workers import WorkerRecord, list_workers
from shared.telemetry import start_run
from tests.integration.service.working import ACTOR, QUEUE, wait_until, working


@pytest.fixture
def gate() -> Iterator[threading.Event]:
    """Opens for tasks that wait; at the end in any case."""
    opened = threading.Event()
    yield opened
    opened.set()


async def passing(gate: threading.Event) -> str:
    await asyncio.to_thread(gate.wait, 20)
    return "passed"


def seen() -> list[WorkerRecord]:
    """The workers that are known at this moment."""

    async def ask() -> list[WorkerRecord]:
        try:
            return await list_workers()
        finally:
            await close_connection()

    return asyncio.run(ask())


def send(task_id: str) -> None:
    async def publish() -> None:
        try:
            with start_run("test", uuid4()):
                await publish_command(ScoreUnscoredMessages(), task_id=task_id, tracked=True)
        finally:
            await close_connection()

    asyncio.run(publish())


def test_worker_says_who_it_is_and_what_it_runs(nats_url: str, namespace: str, gate: threading.Event) -> None:
    bind_nats(nats_url, namespace)
    with working(nats_url, namespace, lambda: passing(gate), threads=3):
        wait_until(seen, "the worker is known")
        (worker,) = seen()
        assert (worker.service, worker.pid, worker.threads) == ("scoring", os.getpid(), 3)
        assert (worker.queues, worker.running) == ([QUEUE], [])
        assert worker.started_at <= worker.beat_at

        send("a-task")
        wait_until(lambda: seen()[0].running, "the task is known")
        (task,) = seen()[0].running
        assert (task.actor, task.queue, task.task_id, task.attempt) == (ACTOR, QUEUE, "a-task", 1)
        assert task.run_id is not None

        gate.set()
        wait_until(lambda: not seen()[0].running, "the task has ended")
    assert seen() == []


def test_who_was_killed_is_forgotten(nats_url: str, namespace: str, gate: threading.Event) -> None:
    bind_nats(nats_url, namespace)
    with working(nats_url, namespace, lambda: passing(gate)):
        wait_until(seen, "the worker is known")

        async def config() -> api.StreamConfig:
            try:
                return (await (await connection()).jetstream().stream_info(f"KV_{namespace}_workers")).config
            finally:
                await close_connection()

        found = asyncio.run(config())
    assert (found.storage, found.max_age, found.max_msgs_per_subject) == (api.StorageType.MEMORY, 15.0, 1)


def test_tasks_run_while_nobody_can_be_told_and_the_bucket_comes_back(tmp_path: Path, namespace: str) -> None:
    done: list[int] = []

    async def work() -> None:
        done.append(1)

    with running_nats(tmp_path) as url:
        bind_nats(url, namespace)
        with working(url, namespace, work):
            wait_until(seen, "the worker is known")

            async def lose() -> None:
                try:
                    await (await connection()).jetstream().delete_key_value(f"{namespace}_workers")
                finally:
                    await close_connection()

            asyncio.run(lose())
            send("a-task")
            wait_until(lambda: done, "the task has run")
            wait_until(seen, "the worker is known again")
