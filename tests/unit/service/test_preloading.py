"""A service's code is imported once, by the process that its others are forks of."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

WORKERS = ("ingestion", "scoring", "analysis", "embedding", "knowledge")
DEADLINE = 60.0

LOOK = f"""
import os, sys, threading
from shared.service.__main__ import preload
for name in {WORKERS}:
    preload(f"services.{{name}}.worker")
    assert {{f"services.{{name}}.actors", f"services.{{name}}.queries"}} <= sys.modules.keys()
    assert f"services.{{name}}.worker" not in sys.modules, "it binds the process to servers"
assert threading.active_count() == 1, threading.enumerate()
descriptors = [os.readlink(f"/proc/self/fd/{{number}}") for number in os.listdir("/proc/self/fd")[:-1]]
assert not [found for found in descriptors if found.startswith("socket:")], descriptors
"""

NOTE = """
import os
with open("imported", "a") as file:
    file.write(f"{__name__} {os.getpid()}\\n")
"""
WORKER = """
import dramatiq
from dramatiq.brokers.stub import StubBroker
from tiny import actors, queries
dramatiq.set_broker(StubBroker())
"""


def test_importing_the_services_opens_and_starts_nothing() -> None:
    subprocess.run([sys.executable, "-c", LOOK], check=True, timeout=DEADLINE)


def lines(folder: Path) -> list[tuple[str, int]]:
    found = folder / "imported"
    if not found.exists():
        return []
    return [(name, int(pid)) for name, pid in (line.split() for line in found.read_text().splitlines())]


def wait_for_lines(folder: Path, count: int) -> list[tuple[str, int]]:
    deadline = time.monotonic() + DEADLINE
    while len(found := lines(folder)) < count:
        assert time.monotonic() < deadline, (found, (folder / "log").read_text())
        time.sleep(0.02)
    return found


@contextmanager
def started(folder: Path, *options: str) -> Iterator[subprocess.Popen[bytes]]:
    """A tiny service of two processes that write down where they are imported."""
    package = folder / "tiny"
    package.mkdir()
    for module in ("actors", "queries"):
        (package / f"{module}.py").write_text(NOTE)
    (package / "worker.py").write_text(WORKER + NOTE)
    (package / "__init__.py").touch()
    command = [sys.executable, "-m", "shared.service", "tiny.worker", "--processes", "2", *options]
    ours = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(command, cwd=folder, env=ours, stdout=log, stderr=log)
    try:
        yield process
        process.send_signal(signal.SIGTERM)
        assert process.wait(DEADLINE) == 0
    finally:
        if process.poll() is None:
            process.kill()
            process.wait()


def test_processes_share_what_was_imported_before_also_after_a_reload(tmp_path: Path) -> None:
    with started(tmp_path, "--threads", "1") as process:
        first = wait_for_lines(tmp_path, 4)
        assert first[:2] == [("tiny.actors", process.pid), ("tiny.queries", process.pid)]
        workers = {pid for name, pid in first[2:] if name == "tiny.worker"}
        assert len(workers) == 2
        assert process.pid not in workers
        wait_for_readiness(tmp_path, 2)
        process.send_signal(signal.SIGHUP)
        again = wait_for_lines(tmp_path, 8)[4:]
        assert again[:2] == first[:2]
        assert not workers & {pid for _, pid in again}
        wait_for_readiness(tmp_path, 4)


def wait_for_readiness(folder: Path, count: int) -> None:
    """Until so many processes in all have begun to listen for signals."""
    deadline = time.monotonic() + DEADLINE
    while (said := (folder / "log").read_text()).count("ready for action") < count:
        assert time.monotonic() < deadline, said
        time.sleep(0.02)


def test_processes_that_are_spawned_import_for_themselves(tmp_path: Path) -> None:
    with started(tmp_path, "--threads", "1", "--use-spawn") as process:
        found = wait_for_lines(tmp_path, 6)
        assert process.pid not in {pid for _, pid in found}
        wait_for_readiness(tmp_path, 2)
