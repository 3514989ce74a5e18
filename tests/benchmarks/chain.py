"""Webhook → saved and scored, through the gateway, both services and back to a socket."""

import asyncio
import json
import statistics
import time
from typing import Any

import httpx
from websockets.asyncio.client import ClientConnection, connect

from tests.benchmarks import bare
from tests.benchmarks.figures import Figure
from tests.system import System, nats_address, wait_for

_SECRET = "X-Telegram-Bot-Api-Secret-Token"
_CLIENTS = 32
_UPDATES = 4_000
_OPEN_RATE = 50
_OPEN_UPDATES = 500
_TEXT = "Вирішили: запит до orders іде повз індекс, {n} мс замість 40. Тарас переробляє до п'ятниці, PR #{n}"


def measure(system: System) -> list[Figure]:
    """The rate with many senders at once, and the latency at a steady 50 a second."""
    bodies = [_update(number) for number in range(_UPDATES)]
    one_by_one, at_once, _ = asyncio.run(bare.publish_rates(nats_address(system.house), bodies))
    asyncio.run(_send_all(system, bodies[:200], 8))
    before = system.count("SELECT count(*) FROM scoring.scores")
    began = time.perf_counter()
    asyncio.run(_send_all(system, bodies[200:], _CLIENTS))
    posted = time.perf_counter() - began
    wanted = before + _UPDATES - 200
    wait_for(
        lambda: system.count("SELECT count(*) FROM scoring.scores") >= wanted, "all are scored", seconds=120
    )
    took = time.perf_counter() - began
    latencies = sorted(asyncio.run(_steady(system)))
    chain, taken = (_UPDATES - 200) / took, (_UPDATES - 200) / posted
    return [
        Figure("webhook → saved and scored", chain, "updates/s", "≥ 300", "JetStream publish, many", at_once),
        Figure("webhook, answered", taken, "updates/s", "", "JetStream publish, one by one", one_by_one),
        Figure("webhook → scored frame at 50/s, p50", statistics.median(latencies) * 1e3, "ms"),
        Figure(
            "webhook → scored frame at 50/s, p99", latencies[len(latencies) * 99 // 100] * 1e3, "ms", "< 100"
        ),
    ]


def _update(number: int) -> bytes:
    message = {
        "message_id": number + 1,
        "date": 1_790_000_000 + number,
        "chat": {"id": -1_001_777_000_111, "type": "supergroup", "title": "Навантаження"},
        "from": {"id": 900 + number % 12, "is_bot": False, "first_name": f"Учасник {number % 12}"},
        "text": _TEXT.format(n=number),
    }
    return json.dumps({"update_id": number + 1, "message": message}, ensure_ascii=False).encode()


async def _send_all(system: System, bodies: list[bytes], clients: int) -> None:
    waiting = iter(bodies)

    async def send() -> None:
        async with _client(system) as client:
            for body in waiting:
                (await client.post("/webhook/telegram", content=body)).raise_for_status()

    await asyncio.gather(*(send() for _ in range(clients)))


def _client(system: System) -> httpx.AsyncClient:
    headers = {_SECRET: system.house.secrets["webhook_secret"], "Content-Type": "application/json"}
    return httpx.AsyncClient(base_url=system.house.gateway_url, headers=headers, trust_env=False, timeout=60)


async def _steady(system: System) -> list[float]:
    """Seconds from when each update was due to when its score came over a socket."""
    socket_url = system.house.gateway_url.replace("http", "ws", 1) + "/ws?topics=messages"
    headers = {"Authorization": f"Bearer {system.house.api_key}"}
    first = 1_000_000
    due: dict[int, float] = {}
    async with connect(socket_url, additional_headers=headers) as socket, _client(system) as client:
        following = asyncio.create_task(_arrivals(socket, first))
        started = time.perf_counter()
        posts = []
        for number in range(_OPEN_UPDATES):
            due[first + number + 1] = at = started + number / _OPEN_RATE
            await asyncio.sleep(max(0.0, at - time.perf_counter()))
            posts.append(
                asyncio.create_task(client.post("/webhook/telegram", content=_update(first + number)))
            )
        for answer in await asyncio.gather(*posts):
            answer.raise_for_status()
        arrived = await asyncio.wait_for(following, 60)
    return [arrived[number] - at for number, at in due.items()]


async def _arrivals(socket: ClientConnection, first: int) -> dict[int, float]:
    """When the score of each message came, by the message's number in its chat."""
    numbers: dict[str, int] = {}
    arrived: dict[str, float] = {}
    while len(arrived.keys() & numbers.keys()) < _OPEN_UPDATES:
        frame: dict[str, Any] = json.loads(await socket.recv())
        if frame["type"] == "message.updated":
            number = int(frame["data"]["message"]["telegram_message_id"])
            if number > first:
                numbers[frame["run_id"]] = number
        elif frame["type"] == "message_scored":
            arrived[frame["run_id"]] = time.perf_counter()
    return {number: arrived[run_id] for run_id, number in numbers.items()}
