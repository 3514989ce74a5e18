"""What the person at the terminal sees: one line a thing, each with the program's name before it."""

import os
import sys
import time
from collections import Counter
from collections.abc import Mapping
from typing import Any, TextIO

import msgspec

_COLOURS = {"postgres": 34, "nats": 35, "gateway": 32, "ingestion": 36, "scoring": 33}
_OTHERS = (94, 95, 92, 96, 93)
_LEVELS = ("TRACE", "DEBUG", "INFO", "SUCCESS", "WARNING", "ERROR", "CRITICAL")
_LEVEL_COLOURS = {"WARNING": 33, "ERROR": 31, "CRITICAL": 31}
# What servers call their levels, at the beginning of a line or after a time.
_FOREIGN = {
    "WARNING:": "WARNING",
    "ERROR:": "ERROR",
    "FATAL:": "ERROR",
    "PANIC:": "CRITICAL",
    "[WRN]": "WARNING",
    "[ERR]": "ERROR",
    "[FTL]": "CRITICAL",
    "LOG:": "INFO",
    "DETAIL:": "INFO",
    "HINT:": "INFO",
    "STATEMENT:": "INFO",
    "CONTEXT:": "INFO",
    "[INF]": "INFO",
    "INFO": "INFO",
    "DEBUG": "DEBUG",
}
_LINES_A_SECOND = 10
# NATS says so of any password in a file; ours has mode 0600 and the server listens on 127.0.0.1 only.
_UNREMARKABLE = ("Plaintext passwords detected",)


class Terminal:
    """Writes prefixed lines, coloured when the stream is a terminal and NO_COLOR is unset.

    Of a program's log it shows lines from `level` up, and at most 10 a second; what it left out it counts.
    """

    def __init__(self, environment: Mapping[str, str], stream: TextIO | None = None) -> None:
        self._stream = stream or sys.stdout
        self._coloured = self._stream.isatty() and not environment.get("NO_COLOR")
        level = environment.get("TT_LOG_LEVEL", "").upper()
        self._threshold = _LEVELS.index(level) if level in _LEVELS else _LEVELS.index("WARNING")
        self._second = 0
        self._shown: Counter[str] = Counter()
        self._left_out: Counter[str] = Counter()
        self._others: list[str] = []

    def say(self, text: str, *, program: str = "", level: str = "INFO") -> None:
        """Write a line, or several, of our own."""
        for line in text.splitlines() or [""]:
            self._write(self._prefix(program) + self._paint(line, _LEVEL_COLOURS.get(level)))

    def only_errors(self) -> None:
        """From now on show errors only: while everything stops, that others are gone is no news."""
        self._threshold = max(self._threshold, _LEVELS.index("ERROR"))

    def log_line(self, program: str, line: str) -> None:
        """Show a line of a program's log if it matters."""
        level, text = read_line(line)
        if _LEVELS.index(level) < self._threshold or not text.strip():
            return
        if any(words in text for words in _UNREMARKABLE):
            return
        now = int(time.monotonic())
        if now != self._second:
            self._tell_left_out()
            self._second = now
            self._shown.clear()
        self._shown[program] += 1
        if self._shown[program] > _LINES_A_SECOND:
            self._left_out[program] += 1
        else:
            self.say(text, program=program, level=level)

    def _tell_left_out(self) -> None:
        for program, count in self._left_out.items():
            self.say(f"… {count} more lines like these are in its log file", program=program)
        self._left_out.clear()

    def _prefix(self, program: str) -> str:
        return self._paint(f"{program or 'task-tracker':<12}", self._colour(program)) + " │ "

    def _colour(self, program: str) -> int | None:
        if not program:
            return 1
        if program in _COLOURS:
            return _COLOURS[program]
        if program not in self._others:
            self._others.append(program)
        return _OTHERS[self._others.index(program) % len(_OTHERS)]

    def _paint(self, text: str, colour: int | None) -> str:
        return f"\033[{colour}m{text}\033[0m" if self._coloured and colour else text

    def _write(self, line: str) -> None:
        try:
            self._stream.write(line + "\n")
            self._stream.flush()
        except (BrokenPipeError, OSError):
            # The reader is gone (`make run | head`): go on silently, as a signal will tell when to end.
            self._stream = open(os.devnull, "w", encoding="utf-8")  # noqa: PTH123, SIM115 - for the process's life
        except UnicodeEncodeError:
            self._stream.write(line.encode("ascii", "replace").decode() + "\n")


def read_line(line: str) -> tuple[str, str]:
    """The level of a log line and what to show of it.

    Understands our JSON and what Postgres and NATS print; anything else (a traceback, a print) is INFO.
    """
    if line.startswith("{"):
        try:
            return _read_json(msgspec.json.decode(line, type=dict[str, Any]))
        except msgspec.MsgspecError:
            return "INFO", line
    for word in line.split()[:5]:
        if word in _FOREIGN:
            return _FOREIGN[word], line
    return "INFO", line


def _read_json(record: Mapping[str, Any]) -> tuple[str, str]:
    level = str(record.get("level", "INFO")).upper()
    text = str(record.get("message", record))
    for name in ("run_id", "job_id"):
        if record.get(name):
            text += f"  {name}={record[name]}"
    exception = str(record.get("exception", "")).strip()
    if exception:
        # The whole traceback is in the file; a line says what it was.
        text += "\n" + exception.splitlines()[-1]
    return level if level in _LEVELS else "INFO", text
