"""What one message costs in each service: the whole system at work, with a provider that answers at once."""

import asyncio
import json
import os
import re
import tempfile
import time
from functools import partial
from pathlib import Path
from typing import Any

import httpx

from deploy.local.services import WORKERS
from tests.benchmarks.processes import cpu_seconds, memory_bytes
from tests.benchmarks.scaling_measured import (
    Measured,
    ServerFigures,
    ServiceFigures,
    reference_seconds,
)
from tests.benchmarks.scaling_provider import instead_of_embeddings
from tests.http_load import Connection, compose, many
from tests.system import System, running_system, wait_for

_WARM_UP, _MESSAGES = 200, 2400
_PACE = 60.0
_CONNECTIONS = 16
_STRIDE = 7
_PATIENCE = 240.0
_SAMPLE = Path(__file__).resolve().parents[2] / "deploy" / "local" / "sample" / "result.json"
_SUM = re.compile(r"^tt_task_seconds_sum\{[^}]*\} ([0-9.e+-]+)$", re.MULTILINE)
_SIZE = """
    SELECT coalesce(sum(pg_total_relation_size(c.oid)) FILTER (WHERE relname <> 'outbox'), 0),
        coalesce(sum(pg_total_relation_size(c.oid)) FILTER (WHERE relname = 'outbox'), 0)
    FROM pg_class c JOIN pg_namespace n ON n.oid = relnamespace
    WHERE relkind = 'r'
        AND nspname IN ('ingestion', 'scoring', 'embedding', 'knowledge', 'analysis', 'gateway')
"""


def measure() -> Measured:
    """Start everything, send chat by the webhook until all is scored and embedded, and divide."""
    with tempfile.TemporaryDirectory(prefix="bench-times-") as folder:
        changes = {"embeddings": partial(instead_of_embeddings, 0.0)}
        place = Path(folder) / "system"
        with running_system(place, changes=changes, TT_LOG_LEVEL="WARNING", TT_RATE_LIMIT="0") as system:
            return _measure(system)


def _measure(system: System) -> Measured:
    send(system, 1, _WARM_UP, pace=None)
    _settle(system, _WARM_UP)
    before = _look(system)
    send(system, _WARM_UP + 1, _MESSAGES, pace=_PACE)
    _settle(system, _WARM_UP + _MESSAGES)
    after = _look(system)
    memory = {name: memory_bytes(pids) / 1e6 for name, pids in system.processes().items()}
    scored = system.rows("SELECT avg((message_class <> 'noise')::int)::float8 FROM scoring.scores")
    return Measured(
        messages=_MESSAGES,
        embedded_share=scored[0][0],
        reference_seconds=reference_seconds(),
        cores=os.cpu_count() or 1,
        services=_services(system, before, after, memory),
        servers=_servers(before, after),
    )


def _services(
    system: System, before: dict[str, Any], after: dict[str, Any], memory: dict[str, float]
) -> dict[str, ServiceFigures]:
    threads = {worker.name: worker.threads for worker in WORKERS}
    found = {}
    for name in (*threads, "gateway"):
        used = _used(before, after, name)
        found[name] = ServiceFigures(
            cpu=sum(used.values()) / _MESSAGES,
            busiest_cpu=max(used.values()) / _MESSAGES,
            thread_seconds=(after["tasks"].get(name, 0) - before["tasks"].get(name, 0)) / _MESSAGES,
            memory_mb=memory[name],
            start_seconds=_start_seconds(system, name),
            threads=threads.get(name, 1),
        )
    return found


def _servers(before: dict[str, Any], after: dict[str, Any]) -> ServerFigures:
    def grown(name: str) -> float:
        return float(after[name] - before[name]) / _MESSAGES

    return ServerFigures(
        postgres_cpu=sum(_used(before, after, "postgres").values()) / _MESSAGES,
        nats_cpu=sum(_used(before, after, "nats").values()) / _MESSAGES,
        postgres_bytes=grown("tables"),
        outbox_bytes=grown("outboxes"),
        wal_bytes=grown("wal"),
        event_bytes=grown("events"),
    )


def _used(before: dict[str, Any], after: dict[str, Any], name: str) -> dict[int, float]:
    return {pid: used - before["cpu"][name].get(pid, 0.0) for pid, used in after["cpu"][name].items()}


def _look(system: System) -> dict[str, Any]:
    """What was used until now."""
    ((tables, outboxes),) = system.rows(_SIZE)
    ((wal,),) = system.rows("SELECT pg_wal_lsn_diff(pg_current_wal_lsn(), '0/0')")
    return {
        "cpu": {name: cpu_seconds(pids) for name, pids in system.processes().items()},
        "tasks": {worker.name: _task_seconds(system, worker.name) for worker in WORKERS},
        "tables": tables,
        "outboxes": outboxes,
        "wal": wal,
        "events": _event_bytes(system),
    }


def _task_seconds(system: System, name: str) -> float:
    text = httpx.get(f"http://127.0.0.1:{system.house.ports[name]}/metrics", trust_env=False, timeout=30).text
    return sum(map(float, _SUM.findall(text)))


def _event_bytes(system: System) -> int:
    url = f"http://127.0.0.1:{system.house.ports['nats_monitor']}/jsz?accounts=true&streams=true"
    accounts = httpx.get(url, trust_env=False).json()["account_details"]
    streams = [stream for account in accounts for stream in account.get("stream_detail", [])]
    return sum(stream["state"]["bytes"] for stream in streams if stream["name"].endswith("EVENTS"))


def _start_seconds(system: System, name: str) -> float:
    system.end(name)
    began = time.perf_counter()
    system.start(name)
    system.wait_ready(name)
    return time.perf_counter() - began


def send(system: System, first: int, count: int, *, pace: float | None) -> list[float]:
    """Send messages as Telegram does; returns how many seconds each answer took.

    Args:
        system: Where to.
        first: The number of the first.
        count: How many.
        pace: A second; as many as are taken when None.
    """
    secret = {"X-Telegram-Bot-Api-Secret-Token": system.house.secrets["webhook_secret"]}
    texts = _texts()
    numbers = iter(range(first, first + count))
    began = time.perf_counter()
    taken: list[float] = []

    async def work(connection: Connection) -> None:
        for number in numbers:
            if pace is not None:
                await asyncio.sleep(began + (number - first) / pace - time.perf_counter())
            body = json.dumps(_update(number, texts[number * _STRIDE % len(texts)])).encode()
            answered = await connection.send(compose("POST", "/webhook/telegram", secret, body))
            assert answered.status == 200, answered
            taken.append(answered.seconds)

    asyncio.run(many(system.house.gateway_url, _CONNECTIONS, work))
    return taken


def _texts() -> list[str]:
    """What the sample chat says, noise and all."""
    said = [_plain(message) for message in json.loads(_SAMPLE.read_text())["messages"]]
    return [text for text in said if text]


def _plain(message: dict[str, Any]) -> str:
    text = message.get("text", "")
    return text if isinstance(text, str) else "".join(p if isinstance(p, str) else p["text"] for p in text)


def _update(number: int, text: str) -> dict[str, Any]:
    return {
        "update_id": number,
        "message": {
            "message_id": number,
            "date": 1_790_000_000 + number * 20,
            "chat": {"id": -100_300 - number % 5, "type": "supergroup", "title": f"Команда {number % 5}"},
            "from": {"id": 60 + number % 9, "is_bot": False, "first_name": f"Учасник {number % 9}"},
            "text": text,
        },
    }


def _settle(system: System, count: int) -> None:
    """Wait until everything is scored, everything that is to be is embedded, and the queues are empty."""
    scored = "SELECT count(*) FROM scoring.scores"
    wait_for(lambda: system.count(scored) >= count, "all is scored", seconds=_PATIENCE)
    wait_for(lambda: _is_embedded(system), "all is embedded", seconds=_PATIENCE)
    wait_for(lambda: _queues_are_empty(system), "nothing is left in the queues", seconds=_PATIENCE)


def _is_embedded(system: System) -> bool:
    kinds = system.client.get("/api/v1/embeddings/coverage").raise_for_status().json()["kinds"]
    return all(kind["embedded"] + kind["failed"] >= kind["wanted"] for kind in kinds)


def _queues_are_empty(system: System) -> bool:
    queues = system.client.get("/api/v1/tasks/queues").raise_for_status().json()["items"]
    return all(queue["ready"] + queue["in_progress"] == 0 for queue in queues)
