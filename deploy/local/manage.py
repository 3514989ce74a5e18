"""`make status`, `make stop`, `make clean`."""

import asyncio
import os
import shutil
import signal
import time
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path

from deploy.local import leftovers, processes, supervision, unprivileged
from deploy.local.errors import LocalError
from deploy.local.house import ROOT, House, directory_of, existing_house
from deploy.local.programs import Program, programs
from deploy.local.terminal import Terminal


def status(environment: Mapping[str, str]) -> int:
    """Say of each program whether it runs and is ready, and why not; returns 0 when all are."""
    return asyncio.run(_status(environment))


async def _status(environment: Mapping[str, str]) -> int:
    terminal = Terminal(environment)
    directory = directory_of(environment)
    house = existing_house(environment)
    if house is None:
        terminal.say(f"Nothing was started from {directory} yet: 'make run' does it.")
        return 1
    runner = leftovers.runner_of(directory)
    try:
        known = {info.name: info for info in await supervision.process_info(house.state)}
    except OSError:
        return _status_without_supervisor(terminal, directory, runner)
    reports = await asyncio.gather(
        *(_report(program, known.get(program.name)) for program in programs(house))
    )
    for program, (_, line) in zip(programs(house), reports, strict=True):
        terminal.say(line, program=program.name)
    if runner is None:
        terminal.say("The run that started these was killed: 'make stop' ends them, 'make run' starts anew.")
    _say_addresses(terminal, house)
    return 0 if all(ready for ready, _ in reports) else 1


async def _report(program: Program, info: supervision.ProcessInfo | None) -> tuple[bool, str]:
    if info is None or not info.pid:
        state = "stopped" if info is None else info.statename.lower()
        return False, f"not running ({state})"
    up = timedelta(seconds=max(0, info.now - info.start))
    reason = await program.probe()
    readiness = "ready" if reason is None else f"NOT READY: {reason}"
    return reason is None, f"pid {info.pid:<8} up {up}  {readiness}"


def _status_without_supervisor(terminal: Terminal, directory: Path, runner: processes.Process | None) -> int:
    left = leftovers.remaining(directory)
    if runner is not None:
        terminal.say(f"Starting or stopping just now (pid {runner.pid}).")
    elif left:
        terminal.say(f"A run was killed and left: {', '.join(left)}. 'make stop' ends them.")
    else:
        terminal.say(f"Not running. 'make run' starts it with the data in {directory}.")
    return 1


def _say_addresses(terminal: Terminal, house: House) -> None:
    terminal.say(f"Page      {house.gateway_url}/#key={house.api_key}")
    terminal.say(f"API       {house.gateway_url}/schema")
    terminal.say(f"NATS      http://127.0.0.1:{house.ports['nats_monitor']} (monitoring)")
    terminal.say(f"Data      {house.directory}")


def stop(environment: Mapping[str, str]) -> int:
    """Stop a running system in order, or what a killed one left; returns 0 when nothing runs any more."""
    terminal = Terminal(environment)
    directory = directory_of(environment)
    runner = leftovers.runner_of(directory)
    if runner is not None and processes.is_alive(runner):
        os.kill(runner.pid, signal.SIGTERM)
        deadline = time.monotonic() + leftovers.SHUTDOWN_SECONDS + 20
        while processes.is_alive(runner) and time.monotonic() < deadline:
            time.sleep(0.05)
    left = asyncio.run(leftovers.end_remaining(directory))
    if left:
        terminal.say(f"Stopped what a killed run had left: {', '.join(left)}.")
    still = leftovers.remaining(directory)
    if still:
        terminal.say(f"These could not be ended: {still}", level="ERROR")
        return 1
    terminal.say("Stopped." if runner or left else "Nothing was running.")
    return 0


def clean(environment: Mapping[str, str]) -> int:
    """Stop, and remove the run's folder with all its data; returns 0 when it is gone.

    Raises:
        LocalError: something still runs, or the folder is not one of ours.
    """
    terminal = Terminal(environment)
    directory = directory_of(environment)
    if stop(environment) != 0:
        raise LocalError("Nothing was removed, as something still runs.")
    if not directory.exists():
        return 0
    ours = (directory / "ports.json").exists() or (directory / "run").exists()
    if not ours and directory != ROOT / ".local":
        raise LocalError(f"{directory} does not look like a local run's folder, so it was not removed.")
    unprivileged.remove_data(directory / "postgres")
    unprivileged.remove_programs()
    shutil.rmtree(directory)
    terminal.say(f"Removed {directory}: the database, the queues, the logs, the passwords.")
    return 0
