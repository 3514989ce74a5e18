"""The run itself: start in stages, follow the logs, stop in order."""

import asyncio
import math
import os
import signal
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable, Coroutine, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import Any

from deploy.local import leftovers, supervision
from deploy.local.cluster import LEAST_BYTES, NEEDED_BYTES, check_space
from deploy.local.command import Command, last_lines, spawn
from deploy.local.errors import LocalError
from deploy.local.house import ROOT, House, check_settings, directory_of, open_house
from deploy.local.launch import launch_environment, launched_command, write_command
from deploy.local.programs import Program
from deploy.local.terminal import Terminal
from deploy.local.waiting import until
from deploy.local.watch import Watch

Step = Callable[[House, Terminal], Awaitable[None]]


@dataclass(frozen=True)
class Plan:
    """What is run: the programs, and what is done once all programs of a stage are ready."""

    programs: Callable[[House], Sequence[Program]]
    after: Mapping[int, Step]


def run(environment: Mapping[str, str], plan: Plan) -> int:
    """Run the whole system until a signal ends it; returns the exit code.

    Raises:
        LocalError: it cannot run; everything that was started has been stopped.
    """
    check_settings(environment)
    directory = directory_of(environment)
    with leftovers.running_alone(directory):
        return asyncio.run(_until_signal(environment, directory, plan))


async def _until_signal(environment: Mapping[str, str], directory: Path, plan: Plan) -> int:
    terminal = Terminal(environment)
    work = asyncio.create_task(_live(environment, directory, plan, terminal))
    interrupted = False

    def interrupt() -> None:
        nonlocal interrupted
        if not interrupted:
            interrupted = True
            work.cancel()
        else:
            terminal.say("Not waiting for running work: what is unfinished stays queued for the next start.")
            leftovers.kill_services(directory)

    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        loop.add_signal_handler(number, interrupt)
    try:
        await work
    except asyncio.CancelledError:
        terminal.say(f"Stopped. The data stay in {directory} for the next 'make run'.")
    return 0


async def _live(environment: Mapping[str, str], directory: Path, plan: Plan, terminal: Terminal) -> None:
    left = await leftovers.end_remaining(directory)
    if left:
        terminal.say(f"An earlier run did not end properly; stopped what it left: {', '.join(left)}.")
    house = open_house(environment)
    check_space(directory, LEAST_BYTES if (directory / "postgres").exists() else NEEDED_BYTES)
    for sentence in house.moved.values():
        terminal.say(f"Note: {sentence}.", level="WARNING")
    programs = sorted(plan.programs(house), key=lambda program: program.stage)
    leftovers.write_order(directory, [program.name for program in programs])
    watch = Watch(house, terminal, programs)
    with supervision.socket_path(house.state) as socket:
        supervisor = _spawn_supervisor(house, socket, programs)
        try:
            await _first_to_end(
                _start_and_stay(house, terminal, programs, plan, watch),
                watch.follow(),
                _guard(house, supervisor),
            )
        finally:
            await _stop(house, terminal, watch, supervisor)


async def _start_and_stay(
    house: House, terminal: Terminal, programs: Sequence[Program], plan: Plan, watch: Watch
) -> None:
    if not await until(lambda: supervision.answering(house.state), seconds=30):
        raise LocalError(f"The supervisor does not answer; see {house.log(leftovers.SUPERVISOR)}.")
    for stage, members in groupby(programs, key=lambda program: program.stage):
        await _start_stage(house, terminal, list(members), watch)
        if stage in plan.after:
            await plan.after[stage](house, terminal)
    await asyncio.Event().wait()


async def _start_stage(house: House, terminal: Terminal, members: list[Program], watch: Watch) -> None:
    began = time.monotonic()
    for program in members:
        write_command(house.state, program.name, await asyncio.to_thread(program.prepare))
    await supervision.start_programs(house.state, [supervised(program) for program in members])

    async def ready(program: Program) -> None:
        await watch.until_ready(program)
        terminal.say(f"ready after {time.monotonic() - began:.1f} s", program=program.name)

    await asyncio.gather(*(ready(program) for program in members))


def supervised(program: Program) -> supervision.Supervised:
    """What the supervisor has to know of a program."""
    return supervision.Supervised(program.name, program.stage, program.stop_signal, program.stop_seconds)


def _spawn_supervisor(house: House, socket: str, programs: Sequence[Program]) -> subprocess.Popen[bytes]:
    state = house.state
    as_root = os.geteuid() == 0
    text = supervision.configuration(state, socket, map(supervised, programs), as_root=as_root)
    (state / "supervisord.conf").write_text(text)
    # Its restart of a program must find this package, wherever it was installed.
    environment = launch_environment(house.environment, ROOT)
    argv = (sys.executable, "-m", "supervisor.supervisord", "-c", "supervisord.conf")
    write_command(state, leftovers.SUPERVISOR, Command(argv=argv, env=environment, cwd=str(state)))
    launcher = Command(tuple(launched_command(state, leftovers.SUPERVISOR)), env=environment, cwd=str(state))
    return spawn(launcher, house.log("supervisord.start"))


async def _guard(house: House, supervisor: subprocess.Popen[bytes]) -> None:
    async def gone() -> bool:
        return supervisor.poll() is not None

    await until(gone, seconds=math.inf, every=0.1)
    said = last_lines(house.log("supervisord.start")) or last_lines(house.log(leftovers.SUPERVISOR))
    raise LocalError(
        f"The supervisor ended by itself (code {supervisor.returncode}); everything was stopped. "
        f"'make run' starts again. Its last lines:\n{said}"
    )


async def _stop(house: House, terminal: Terminal, watch: Watch, supervisor: subprocess.Popen[bytes]) -> None:
    watch.stopping = True
    watch.look()
    terminal.only_errors()
    terminal.say("Stopping (again Ctrl-C: at once) …")
    if supervisor.poll() is None and not await supervision.shut_down(house.state):
        supervisor.terminate()

    async def gone() -> bool:
        watch.look()
        return supervisor.poll() is not None

    await until(gone, seconds=leftovers.SHUTDOWN_SECONDS)
    supervisor.kill()
    supervisor.wait()
    watch.look()
    await leftovers.end_remaining(house.directory)


async def _first_to_end(*coroutines: Coroutine[Any, Any, None]) -> None:
    """Wait until one of them ends, cancel the others, and pass on its error."""
    tasks = [asyncio.ensure_future(coroutine) for coroutine in coroutines]
    try:
        done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
    for task in done:
        task.result()
