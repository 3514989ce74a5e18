"""A load generator as a process of its own: `python -m tests.benchmarks.load`, told by JSON on stdin.

Its answer on stdout is a `Load`. Debian's wrk and hey are not everywhere; this costs about a twentieth of
what the server does for the same request, on the same cores.
"""

import asyncio
import json
import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass

from tests.http_load import Connection, compose, many


@dataclass(frozen=True, slots=True)
class Load:
    """What came of a load.

    Attributes:
        rate: Answers a second.
        p50: Seconds.
        p99: Seconds.
        wrong: Answers of another status than 200, and broken connections.
    """

    rate: float
    p50: float
    p99: float
    wrong: int


def measure(  # noqa: PLR0913 - what is asked, and how hard
    url: str,
    method: str,
    path: str,
    headers: Mapping[str, str],
    *,
    bodies: list[str] | None = None,
    seconds: float,
    connections: int,
) -> Load:
    """Ask from a process of its own, for so long, over so many connections, each waiting for its answer."""
    told = {
        "url": url,
        "requests": [
            compose(method, path, headers, body.encode()).decode("latin-1") for body in bodies or [""]
        ],
        "seconds": seconds,
        "connections": connections,
    }
    command = [sys.executable, "-m", "tests.benchmarks.load"]
    done = subprocess.run(command, input=json.dumps(told), capture_output=True, text=True, check=True)
    return Load(**json.loads(done.stdout))


async def _ask(url: str, requests: list[bytes], seconds: float, connections: int) -> Load:
    taken: list[float] = []
    wrong = 0
    numbers = iter(range(1 << 62))
    began = time.perf_counter()

    async def work(connection: Connection) -> None:
        nonlocal wrong
        while time.perf_counter() - began < seconds:
            answered = await connection.send(requests[next(numbers) % len(requests)])
            taken.append(answered.seconds)
            wrong += answered.status != 200

    await many(url, connections, work)
    lasted = time.perf_counter() - began
    taken.sort()
    return Load(len(taken) / lasted, taken[len(taken) // 2], taken[int(len(taken) * 0.99)], wrong)


if __name__ == "__main__":
    given = json.loads(sys.stdin.read())
    asked = [request.encode("latin-1") for request in given["requests"]]
    print(json.dumps(asdict(asyncio.run(_ask(given["url"], asked, given["seconds"], given["connections"])))))
