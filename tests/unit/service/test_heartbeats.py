import os
from pathlib import Path

import pytest

from shared.service.health import Unhealthy, workers_in
from shared.service.heartbeats import STALE_AFTER, ages, beat, forget, forget_earlier, heartbeat_folder


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return heartbeat_folder("scoring", str(tmp_path))


def test_before_the_first_beat_no_worker_is_known(folder: Path) -> None:
    assert ages(folder) == {}


def test_a_beat_is_of_this_process_and_fresh(folder: Path) -> None:
    beat(folder)
    (age,) = ages(folder).values()
    assert list(ages(folder)) == [os.getpid()]
    assert age < STALE_AFTER


def test_the_last_worker_to_end_removes_the_folder(folder: Path) -> None:
    beat(folder)
    (folder / "1").touch()
    forget(folder)
    assert list(ages(folder)) == [1]
    (folder / "1").unlink()
    beat(folder)
    forget(folder)
    assert not folder.exists()


def test_what_a_killed_container_left_is_forgotten_as_the_next_one_begins(folder: Path) -> None:
    beat(folder)
    left = folder / "4711"
    left.touch()
    long_ago = left.stat().st_mtime - 2 * STALE_AFTER
    os.utime(left, (long_ago, long_ago))
    forget_earlier(folder)
    assert list(ages(folder)) == [os.getpid()]


def test_only_its_owner_may_write_there(folder: Path) -> None:
    beat(folder)
    assert folder.stat().st_mode & 0o777 == 0o700


@pytest.mark.anyio
async def test_a_container_without_a_worker_is_not_alive(folder: Path) -> None:
    with pytest.raises(Unhealthy, match="no worker process has begun"):
        await workers_in(folder)()


@pytest.mark.anyio
async def test_a_worker_that_fell_silent_is_named(folder: Path) -> None:
    beat(folder)
    silent = folder / "4711"
    silent.touch()
    long_ago = silent.stat().st_mtime - 2 * STALE_AFTER
    os.utime(silent, (long_ago, long_ago))
    with pytest.raises(Unhealthy, match=r"silent worker processes: \[4711\]"):
        await workers_in(folder)()


@pytest.mark.anyio
async def test_workers_that_beat_are_counted(folder: Path) -> None:
    beat(folder)
    assert await workers_in(folder)() == "1 worker processes"
