"""The watchdog ends processes, so each of these is one of its own."""

import subprocess
import sys
from pathlib import Path

HUNG = """
import asyncio, sys, time
from pathlib import Path
from shared.service import watchdog
watchdog.BEAT_EVERY, watchdog.HANGS_AFTER = 0.05, 0.3

async def a_function_that_never_yields():
    dog = watchdog.Watchdog(asyncio.get_running_loop(), Path(sys.argv[1]))
    dog.start()
    time.sleep(60)

asyncio.run(a_function_that_never_yields())
"""

ORPHANED = """
import asyncio, os, sys
from pathlib import Path
from shared.service import watchdog
watchdog.BEAT_EVERY = 0.05

async def serve():
    watchdog.Watchdog(asyncio.get_running_loop(), Path(sys.argv[1])).start()
    print("watching", flush=True)
    await asyncio.Event().wait()

if os.fork():
    sys.stdin.readline()   # until the child watches
    os._exit(0)
asyncio.run(serve())
"""


def test_a_hung_loop_ends_the_process_and_shows_where_it_hung(tmp_path: Path) -> None:
    ended = subprocess.run(
        [sys.executable, "-c", HUNG, str(tmp_path / "beats")],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert ended.returncode == 70
    assert "the event loop has hung" in ended.stderr
    assert "a_function_that_never_yields" in ended.stderr


def test_an_orphan_ends_itself(tmp_path: Path) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", ORPHANED, str(tmp_path / "beats")],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as parent:
        assert parent.stdout is not None
        assert parent.stdin is not None
        assert parent.stderr is not None
        assert parent.stdout.readline() == "watching\n"
        parent.stdin.write("now\n")
        parent.stdin.flush()
        # The orphan holds the pipe; it reads to its end only when the orphan is gone too.
        assert "the parent process is gone" in parent.stderr.read()
