"""The gateway as a process: it starts and stays up whatever is missing, and stops when it is told."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx

from deploy.local.command import spawn
from deploy.local.nats import nats_url, prepare_nats
from tests.conftest import make_database
from tests.integration.gateway.stage import DEADLINE, KEY, SECRET, free_port, wait_for

ROOT = Path(__file__).parents[3]


@contextmanager
def running_gateway(log: Path, **settings: str) -> Iterator[tuple[httpx.Client, subprocess.Popen[bytes]]]:
    """The real process, and a client with the key."""
    port = free_port()
    kept = {name: value for name, value in os.environ.items() if not name.startswith("TT_")}
    given = {
        "gateway_port": str(port),
        "bootstrap_api_key": KEY,
        "webhook_secret": SECRET,
        "database_url": f"postgresql://nobody:x@127.0.0.1:{free_port()}/none",
        "nats_url": f"nats://127.0.0.1:{free_port()}",
    } | settings
    environment = kept | {f"TT_{name.upper()}": value for name, value in given.items() if value}
    with log.open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "services.gateway"],
            cwd=ROOT,
            env=environment,
            stdout=output,
            stderr=output,
        )
    headers = {"Authorization": f"Bearer {KEY}", "X-Telegram-Bot-Api-Secret-Token": SECRET}
    try:
        with httpx.Client(
            base_url=f"http://127.0.0.1:{port}", headers=headers, trust_env=False, timeout=DEADLINE
        ) as client:
            wait_for(lambda: process.poll() is not None or is_live(client), "the gateway listens")
            assert process.poll() is None, log.read_text()
            yield client, process
    finally:
        process.terminate()
        process.wait(DEADLINE)


def is_live(client: httpx.Client) -> bool:
    try:
        return client.get("/health/live").is_success
    except httpx.TransportError:
        return False


def test_starts_without_postgres_and_nats_says_so_and_stops(tmp_path: Path) -> None:
    log = tmp_path / "log"
    with running_gateway(log) as (client, process):
        health = client.get("/health")
        assert health.status_code == 503
        assert {name: check["ok"] for name, check in health.json()["checks"].items()} == {
            "postgres": False,
            "migrations": False,
            "nats": False,
            "first_key": False,
        }
        assert client.post("/webhook/telegram", json={"update_id": 1}).status_code == 503
        refused = client.get("/api/v1/chats")
        assert (refused.status_code, refused.json()["code"]) == (503, "unavailable")
        assert client.get("/").status_code == 200
        process.send_signal(signal.SIGTERM)
        assert process.wait(DEADLINE) == 0
    assert "Traceback" not in log.read_text()


def checks_of(client: httpx.Client) -> dict[str, bool]:
    checks = client.get("/health").json()["checks"]
    return {name: check["ok"] for name, check in checks.items()}


def test_nats_may_come_late_be_killed_and_come_again(postgres_url: str, tmp_path: Path) -> None:
    database = make_database(postgres_url)
    port, monitor_port = free_port(), free_port()
    command = prepare_nats(tmp_path / "nats", port=port, monitor_port=monitor_port, password="x")
    update = {"update_id": 1}

    @contextmanager
    def running() -> Iterator[subprocess.Popen[bytes]]:
        server = spawn(command, tmp_path / "nats.log")
        try:
            yield server
        finally:
            server.kill()
            server.wait()

    with running_gateway(
        tmp_path / "log", database_url=database.url("gateway"), nats_url=nats_url(port, "x")
    ) as (client, _):
        all_but_nats = {"postgres": True, "migrations": True, "nats": False, "first_key": True}
        wait_for(lambda: checks_of(client) == all_but_nats, "it lacks NATS alone")
        assert client.post("/webhook/telegram", json=update).status_code == 503
        for _ in range(2):
            with running():
                wait_for(lambda: client.get("/health").is_success, "the gateway is well")
            wait_for(lambda: not client.get("/health").is_success, "the gateway notices")
            assert client.post("/webhook/telegram", json=update).status_code == 503


def test_wrong_setting_is_a_sentence() -> None:
    environment = {**os.environ, "TT_UPLOAD_LIMIT": "5"}
    done = subprocess.run(
        [sys.executable, "-m", "services.gateway"],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        timeout=DEADLINE,
        check=False,
    )

    assert done.returncode == 2
    assert b"did you mean TT_UPLOAD_LIMIT_BYTES?" in done.stderr
    assert b"Traceback" not in done.stderr


def test_first_key_is_printed_as_a_link_that_opens(postgres_url: str, tmp_path: Path) -> None:
    database = make_database(postgres_url)
    log = tmp_path / "log"
    with running_gateway(
        log,
        database_url=database.url("gateway"),
        bootstrap_api_key="",
    ) as (client, _):
        wait_for(lambda: "#key=" in log.read_text(), "the link is printed")
        key = log.read_text().partition("#key=")[2].split()[0]
        answer = client.get("/api/v1/tasks/catalogue", headers={"Authorization": f"Bearer {key}"})
        assert answer.status_code == 200
        assert client.get("/api/v1/tasks/catalogue").status_code == 401
