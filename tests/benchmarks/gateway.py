"""`make bench-gateway`: how fast the hot reads and the webhook are, beside a bare Litestar route.

All on one machine: the gateway, what it asks, and the client that asks it share its cores, so the ratio to
the bare route of the same minute says more than the figure.
"""

import argparse
import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx

from deploy.local.ports import free_port
from tests.benchmarks.load import Load, measure
from tests.chaos.test_webhook_burst import update
from tests.generate_export import write_export
from tests.system import System, running_system, wait_for

_MESSAGES = 500
_WEBHOOK_BODIES = 5000
_READS = {
    "health/live": "/health/live",
    "a message": "/api/v1/messages/1",
    "messages, 20": "/api/v1/messages?limit=20",
    "messages, signal": "/api/v1/messages?class=signal&limit=20",
    "topics": "/api/v1/topics?limit=20",
    "runs, all kinds": "/api/v1/runs?limit=20",
    "search": "/api/v1/search?q=%D1%80%D0%B5%D0%BB%D1%96%D0%B7&limit=10",
}


def main() -> int:
    """Measure and print."""
    given = argparse.ArgumentParser(description=__doc__)
    given.add_argument("--seconds", type=float, default=5.0, help="of each load")
    given.add_argument("--connections", type=int, default=16, help="each waits for its answer")
    chosen = given.parse_args()
    # With a limit of requests, that would be measured.
    with (
        tempfile.TemporaryDirectory(prefix="bench-gateway-") as folder,
        _bare() as bare,
        running_system(Path(folder) / "system", TT_RATE_LIMIT="0") as system,
    ):
        _fill(system, Path(folder))
        _show(system, bare, chosen.seconds, chosen.connections)
    return 0


def _show(system: System, bare: str, seconds: float, connections: int) -> None:
    row = "{:<22}{:>14}{:>10}{:>10}{:>8}{:>12}"
    print(row.format("what", "requests/s", "p50 ms", "p99 ms", "wrong", "of bare"))

    def line(name: str, load: Load, peer: Load | None) -> None:
        ratio = "" if peer is None else f"{load.rate / peer.rate:.3f}"
        print(
            row.format(
                name,
                f"{load.rate:,.0f}",
                f"{load.p50 * 1000:.1f}",
                f"{load.p99 * 1000:.1f}",
                load.wrong,
                ratio,
            )
        )

    url = system.house.gateway_url
    bare_read = measure(bare, "GET", "/", {}, seconds=seconds, connections=connections)
    line("bare route, GET", bare_read, None)
    key = {"Authorization": f"Bearer {system.house.api_key}"}
    for name, path in _READS.items():
        line(name, measure(url, "GET", path, key, seconds=seconds, connections=connections), bare_read)
    bodies = [json.dumps(update(number)) for number in range(1, _WEBHOOK_BODIES + 1)]
    bare_write = measure(bare, "POST", "/", {}, bodies=bodies, seconds=seconds, connections=connections)
    line("bare route, POST", bare_write, None)
    secret = {"X-Telegram-Bot-Api-Secret-Token": system.house.secrets["webhook_secret"]}
    hook = measure(
        url, "POST", "/webhook/telegram", secret, bodies=bodies, seconds=seconds, connections=connections
    )
    line("webhook", hook, bare_write)


def _fill(system: System, folder: Path) -> None:
    export = folder / "result.json"
    write_export(export, _MESSAGES, seed=3)
    job = system.import_export(export)
    wait_for(lambda: system.is_over(job), "the chat is imported", seconds=120)
    scored = "SELECT count(*) FROM scoring.scores"
    wait_for(lambda: system.count(scored) >= _MESSAGES, "all are scored", seconds=120)
    wait_for(lambda: _is_embedded(system), "all is embedded", seconds=240)


def _is_embedded(system: System) -> bool:
    """Whether nothing goes on in the background any more that could be measured with it."""
    kinds = system.client.get("/api/v1/embeddings/coverage").raise_for_status().json()["kinds"]
    return all(kind["embedded"] + kind["failed"] >= kind["wanted"] for kind in kinds)


@contextmanager
def _bare() -> Iterator[str]:
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    process = subprocess.Popen([sys.executable, "-m", "tests.benchmarks.bare_route", str(port)])
    try:
        wait_for(lambda: _answers(url), "the bare route answers")
        yield url
    finally:
        process.terminate()
        process.wait(10)


def _answers(url: str) -> bool:
    try:
        return httpx.get(url, trust_env=False).status_code == httpx.codes.OK
    except httpx.HTTPError:
        return False


if __name__ == "__main__":
    raise SystemExit(main())
