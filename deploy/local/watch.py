"""What happens to the programs while they run: their log lines, deaths and restarts."""

import asyncio
import re
import shutil
from collections import Counter
from collections.abc import Sequence

from deploy.local.cluster import LEAST_BYTES
from deploy.local.command import last_lines
from deploy.local.errors import LocalError
from deploy.local.house import House
from deploy.local.launch import read_record
from deploy.local.leftovers import SUPERVISOR
from deploy.local.probes import Probe
from deploy.local.programs import Program
from deploy.local.tail import Tail
from deploy.local.terminal import Terminal, read_line

_EXITED = re.compile(r" exited: (\S+) \((.*); (?:not )?expected\)")
_STOPPED = re.compile(r" stopped: (\S+) \(")
_SPAWNED = re.compile(r"spawned: '(\S+)' with pid (\d+)")
_GAVE_UP = re.compile(r"gave up: (\S+) ")
_POLL_SECONDS = 0.1

_ADVICE = {
    "No space left on device": "The disk is full: free some space, or point TT_LOCAL_DIR at another disk.",
    "address already in use": "Another program took its port: stop that, or start again for another port.",
    "pre-existing shared memory block": "An earlier server still ends; it is tried again.",
}


class Watch:
    """Shows the programs' logs, and says who died, with the last lines, and who is back."""

    def __init__(self, house: House, terminal: Terminal, programs: Sequence[Program]) -> None:
        self._house = house
        self._terminal = terminal
        self._probes: dict[str, Probe] = {program.name: program.probe for program in programs}
        self._tails = {name: Tail(house.log(name)) for name in self._probes}
        self._supervisor = Tail(house.log(SUPERVISOR))
        self._recovering: set[str] = set()  # died, and not ready since
        self._restarted: dict[str, int] = {}  # of these, what was started again, with its pid
        self.deaths: Counter[str] = Counter()
        self.given_up: set[str] = set()
        self.stopping = False
        self._warned_of_disk = False

    async def follow(self) -> None:
        """Show what happens, for ever."""
        turn = 0
        while True:
            self.look()
            turn += 1
            if self._restarted and turn % 10 == 0:
                await self._greet_recovered()
            if turn % 100 == 0:
                self._warn_of_full_disk()
            await asyncio.sleep(_POLL_SECONDS)

    def look(self) -> None:
        """Show what happened since the last look."""
        for name, tail in self._tails.items():
            for line in tail.lines():
                self._terminal.log_line(name, line)
        for line in self._supervisor.lines():
            self._event(line)

    async def until_ready(self, program: Program, *, seconds: float = 120) -> None:
        """Wait until a program that was just started is ready, saying every 10 s what it waits for.

        Raises:
            LocalError: it died three times, or was not ready in time; with its last lines.
        """
        loop = asyncio.get_running_loop()
        began = loop.time()
        said = began
        while (reason := await program.probe()) is not None:
            waited = loop.time() - began
            if self.deaths[program.name] >= 3 or program.name in self.given_up:  # noqa: PLR2004
                raise LocalError(f"{program.name} cannot be started.\n{self._last_words(program.name)}")
            if waited > seconds:
                raise LocalError(
                    f"{program.name} was not ready after {seconds:.0f} s: {reason}.\n"
                    f"{self._last_words(program.name)}"
                )
            if loop.time() - said > 10:  # noqa: PLR2004
                said = loop.time()
                self._terminal.say(f"not ready yet: {reason}", program=program.name)
            await asyncio.sleep(_POLL_SECONDS)
        self._recovering.discard(program.name)

    def _event(self, line: str) -> None:
        if match := _EXITED.search(line):
            self._died(match[1], match[2])
        elif match := _STOPPED.search(line):
            self._terminal.say("stopped", program=match[1])
        elif match := _SPAWNED.search(line):
            if match[1] in self._recovering:
                self._restarted[match[1]] = int(match[2])
                self._terminal.say(f"started again (pid {match[2]})", program=match[1])
        elif match := _GAVE_UP.search(line):
            self.given_up.add(match[1])
            self._terminal.say(
                "not started again: it died too often. Mend the cause, then 'make run' again.",
                program=match[1],
                level="ERROR",
            )

    def _died(self, name: str, how: str) -> None:
        self.deaths[name] += 1
        if self.stopping:
            return
        again = name in self._recovering
        self._recovering.add(name)
        self._restarted.pop(name, None)
        self._terminal.say(f"ended by itself ({how}) and will be started again", program=name, level="ERROR")
        # Its last lines once; while it goes on dying the file has the rest.
        if not again:
            self._terminal.say(self._last_words(name), program=name, level="WARNING")

    def _last_words(self, name: str) -> str:
        log = self._house.log(name)
        lines = last_lines(log)
        advice = [text for sign, text in _ADVICE.items() if sign.lower() in lines.lower()]
        if not lines:
            return f"It left no line in {log}."
        quoted = [f"  {part}" for line in lines.splitlines() for part in read_line(line)[1].splitlines()]
        return "\n".join([f"Its last lines (the rest is in {log}):", *quoted, *advice])

    def _warn_of_full_disk(self) -> None:
        free = shutil.disk_usage(self._house.directory).free
        if free < LEAST_BYTES and not self._warned_of_disk:
            self._terminal.say(
                f"The disk of {self._house.directory} is almost full ({free >> 20} MiB left): free some "
                "space. If a program has stopped working by then, end this with Ctrl-C and 'make run' again.",
                level="ERROR",
            )
        self._warned_of_disk = free < LEAST_BYTES

    async def _greet_recovered(self) -> None:
        for name, pid in sorted(self._restarted.items()):
            record = read_record(self._house.state, name)
            # Until it has ended what its earlier life left, that is what would answer.
            if record is not None and record.pid == pid and await self._probes[name]() is None:
                self._restarted.pop(name, None)
                self._recovering.discard(name)
                self._terminal.say("ready again", program=name)
