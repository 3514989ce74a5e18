"""Log set-up is of a whole process, so each of these looks at one."""

import json
import subprocess
import sys
from typing import Any

PROGRAM = """
import logging, sys
from uuid import UUID
from loguru import logger
from shared.telemetry import setup_logs, start_run
setup_logs("scoring", log_format=sys.argv[1], level=sys.argv[2])
logger.debug("too fine")
logger.info("outside {}", "any run")
with start_run("a job", UUID(int=7)):
    logger.bind(job_id="j1").warning("inside")
    logging.getLogger("a.library").error("a library's %s", "line")
    logging.getLogger("nats").info("chatter")
try:
    {}["missing"]
except KeyError:
    logger.exception("with a {brace} in it")
"""


def log_lines(log_format: str, level: str = "INFO") -> list[str]:
    ended = subprocess.run(
        [sys.executable, "-c", PROGRAM, log_format, level],
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    assert ended.stdout == ""
    return ended.stderr.splitlines()


def json_lines(level: str = "INFO") -> list[dict[str, Any]]:
    return [json.loads(line) for line in log_lines("json", level)]


def test_every_json_line_is_one_object_with_its_service() -> None:
    lines = json_lines()
    assert [line["message"] for line in lines] == [
        "outside any run",
        "inside",
        "a library's line",
        "with a {brace} in it",
    ]
    assert {line["service"] for line in lines} == {"scoring"}
    assert [line["level"] for line in lines] == ["INFO", "WARNING", "ERROR", "ERROR"]


def test_a_line_within_a_run_says_so() -> None:
    outside, inside, library, _ = json_lines()
    assert "run_id" not in outside
    assert inside["run_id"] == library["run_id"] == "00000000-0000-0000-0000-000000000007"
    assert inside["job_id"] == "j1"


def test_an_exception_stands_in_its_line() -> None:
    *_, failed = json_lines()
    assert "KeyError: 'missing'" in failed["exception"]


def test_the_level_holds() -> None:
    assert [line["message"] for line in json_lines("ERROR")] == ["a library's line", "with a {brace} in it"]
    assert "too fine" in [line["message"] for line in json_lines("DEBUG")]


def test_pretty_lines_end_with_the_run() -> None:
    lines = log_lines("pretty")
    assert "outside any run" in lines[0]
    assert lines[1].endswith("run_id=00000000-0000-0000-0000-000000000007") or "job_id=j1" in lines[1]


def test_pretty_lines_have_the_error_below() -> None:
    lines = log_lines("pretty")
    (place,) = [number for number, line in enumerate(lines) if "with a {brace} in it" in line]
    assert lines[place + 1].lstrip().startswith("File ")
    assert lines[-1] == "KeyError: 'missing'"
