"""A run of dummy programs: how it starts, mends itself, stops, and recovers from kill -9."""

import os
import subprocess
import sys
from pathlib import Path

import msgspec

from deploy.local import leftovers, manage, processes
from tests.unit.local.runs import Start

ALL = ("ingestion=serve", "scoring=serve", "gateway=serve")


def test_programs_start_in_stages_and_an_interrupt_stops_them_in_reverse(start: Start) -> None:
    run = start(*ALL)
    run.until_ready("gateway")
    run.interrupt()
    assert run.ended() == 0
    said = run.said()
    assert said.index("scoring      │ ready") < said.index("gateway      │ ready")
    assert said.index("gateway      │ stopped") < said.index("scoring      │ stopped")
    assert run.nothing_is_left()


def test_second_interrupt_does_not_wait_for_a_program_that_will_not_stop(start: Start) -> None:
    run = start("ingestion=stubborn")
    run.until_ready("ingestion")
    run.interrupt()
    run.until_said("Stopping")
    run.interrupt()
    assert run.ended() == 0
    assert run.nothing_is_left()


def test_interrupt_while_programs_start_leaves_nothing(start: Start) -> None:
    run = start("ingestion=broken", "gateway=serve")
    run.until_said("ended by itself")
    run.interrupt()
    run.ended()
    assert run.nothing_is_left()


def test_dead_program_is_named_with_its_last_lines_and_started_again(start: Start) -> None:
    run = start(*ALL)
    run.until_ready("gateway")
    before = run.get("scoring")
    run.get("scoring", "/die")
    run.until_said("scoring      │ ready again")
    assert "scoring      │ ended by itself (exit status 3)" in run.said()
    assert "last words of scoring" in run.said()
    assert run.get("scoring") not in {"", before}


def test_killed_parents_child_does_not_hold_the_port_against_the_restart(start: Start) -> None:
    run = start("ingestion=parent")
    run.until_ready("ingestion")
    child = run.get("ingestion")
    os.kill(run.record("ingestion").pid, 9)
    run.until_said("ingestion    │ started again")
    run.until_said("ingestion    │ ready again")
    assert run.get("ingestion") not in {"", child}
    assert run.said().count("ended by itself") == 1


def test_program_that_cannot_start_ends_the_run_with_its_last_lines(start: Start) -> None:
    run = start("ingestion=broken", "gateway=serve")
    assert run.ended() == 1
    assert "ingestion cannot be started" in run.said()
    assert "ingestion has no engine" in run.said()
    assert run.nothing_is_left()


def test_next_run_ends_what_a_killed_runner_left(start: Start) -> None:
    first = start(*ALL)
    first.until_ready("gateway")
    old = first.record("gateway")
    first.kill()
    second = start(*ALL)
    second.until_ready("gateway")
    assert "stopped what it left: supervisord, ingestion, scoring, gateway" in second.said()
    assert not processes.is_alive(old)
    assert processes.is_alive(second.record("gateway"))


def test_next_run_ends_what_a_killed_runner_and_supervisor_left(start: Start) -> None:
    first = start("ingestion=parent", "gateway=serve")
    first.until_ready("gateway")
    old = first.record("gateway")
    supervisor = first.record(leftovers.SUPERVISOR)
    first.kill()
    os.kill(supervisor.pid, 9)
    second = start("ingestion=parent", "gateway=serve")
    second.until_ready("gateway")
    assert not processes.is_alive(old)


def test_killed_supervisor_ends_the_run_with_nothing_left(start: Start) -> None:
    run = start(*ALL)
    run.until_ready("gateway")
    os.kill(run.record(leftovers.SUPERVISOR).pid, 9)
    assert run.ended() == 1
    assert "The supervisor ended by itself" in run.said()
    assert run.nothing_is_left()


def test_stop_ends_a_running_system_and_what_a_killed_one_left(start: Start) -> None:
    run = start(*ALL)
    run.until_ready("gateway")
    assert manage.stop({"TT_LOCAL_DIR": str(run.directory)}) == 0
    assert run.ended() == 0
    assert run.nothing_is_left()
    again = start(*ALL)
    again.until_ready("gateway")
    again.kill()
    assert manage.stop({"TT_LOCAL_DIR": str(run.directory)}) == 0
    assert run.nothing_is_left()


def test_stranger_who_got_a_recorded_id_is_left_alone(start: Start) -> None:
    run = start("ingestion=serve")
    run.until_ready("ingestion")
    run.interrupt()
    run.ended()
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as stranger:
        record = processes.Process(pid=stranger.pid, started=run.record("ingestion").started - 100)
        path = run.directory / "run" / "ingestion.process.json"
        path.write_bytes(msgspec.json.encode(record))
        assert manage.stop({"TT_LOCAL_DIR": str(run.directory)}) == 0
        assert stranger.poll() is None
        stranger.kill()


def test_second_run_of_the_same_folder_is_refused(start: Start) -> None:
    first = start("ingestion=serve")
    first.until_ready("ingestion")
    second = start("ingestion=serve")
    assert second.ended() == 1
    assert "already runs from this folder" in second.said()
    assert first.get("ingestion")


def test_folder_with_a_path_longer_than_a_socket_may_have(start: Start, tmp_path: Path) -> None:
    run = start("ingestion=serve", directory=tmp_path / ("deep" * 20) / ("100% " + "deeper" * 10))
    run.until_ready("ingestion")
    run.interrupt()
    assert run.ended() == 0
    assert run.nothing_is_left()
