"""The end of a try: one line, at the level that it deserves, and one count."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import pytest
from loguru import logger
from prometheus_client import REGISTRY

from shared.contracts.errors import QueryError
from shared.messaging.tasks import TaskState
from shared.service.dramatiq_logs import TOLD
from shared.service.endings import SLOW, Try
from shared.service.failures import FinalFailure, NotNow

if TYPE_CHECKING:
    from loguru import Record

AWAY = QueryError("unavailable", "ingestion does not answer")


@pytest.fixture
def lines() -> Iterator[list["Record"]]:
    told: list[Record] = []
    handler = logger.add(lambda message: told.append(message.record), level="TRACE")
    yield told
    logger.remove(handler)


def a_try(number: int = 1, *, seconds: float = 0.0) -> Try:
    made = Try("knead", number)
    object.__setattr__(made, "_began", made._began - seconds)
    return made


@pytest.mark.parametrize(
    ("number", "seconds", "outcome", "error", "level"),
    [
        (1, 0.0, "succeeded", None, "DEBUG"),
        (1, SLOW, "succeeded", None, "INFO"),
        (2, 0.0, "succeeded", None, "INFO"),
        (1, 0.0, "failed", FinalFailure("There is no message 7."), "WARNING"),
        (1, 0.0, "retrying", AWAY, "INFO"),
        (3, 0.0, "retrying", AWAY, "INFO"),
        (4, 0.0, "retrying", AWAY, "WARNING"),
        (9, 0.0, "retrying", NotNow("not yet"), "INFO"),
        (1, 0.0, "retrying", KeyError("a defect"), "WARNING"),
        (9, 0.0, "dead", KeyError("a defect"), "WARNING"),
    ],
)
def test_level_is_what_the_end_deserves(  # noqa: PLR0913, PLR0917 - a row of the table
    lines: list["Record"],
    number: int,
    seconds: float,
    outcome: TaskState,
    error: Exception | None,
    level: str,
) -> None:
    a_try(number, seconds=seconds).end(outcome, error)
    (line,) = lines
    assert line["level"].name == level
    assert line["extra"]["outcome"] == outcome
    assert seconds <= line["extra"]["duration"] < seconds + 60
    assert "knead" in line["message"]
    assert f"attempt {number}" in line["message"]


def test_defect_has_its_stack_and_an_outage_has_none(lines: list["Record"]) -> None:
    for error in (KeyError("a defect"), AWAY, FinalFailure("expected")):
        a_try().end("retrying", error)
    assert [line["exception"] is not None for line in lines] == [True, False, False]


def test_error_that_was_told_is_marked_so(lines: list["Record"]) -> None:
    error = KeyError("a defect")
    a_try().end("dead", error)
    assert getattr(error, TOLD)
    assert len(lines) == 1


def test_interrupted_try_is_told_and_counted(lines: list["Record"]) -> None:
    def counted() -> float:
        labels: dict[str, Any] = {"actor": "knead", "outcome": "retrying"}
        return REGISTRY.get_sample_value("tt_task_seconds_count", labels) or 0.0

    before = counted()
    a_try().interrupt()
    assert counted() == before + 1
    assert (lines[0]["level"].name, lines[0]["extra"]["outcome"]) == ("WARNING", "retrying")
