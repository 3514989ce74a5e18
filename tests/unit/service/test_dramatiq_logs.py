"""What Dramatiq's own lines give away: which task it is, and nothing that it was told."""

import logging
from typing import Any

import dramatiq
from dramatiq.broker import MessageProxy
from dramatiq.middleware import TimeLimitExceeded

from shared.service.dramatiq_logs import TOLD, is_new

SECRET = "наш пароль: корова"
TASK: dramatiq.Message[Any] = dramatiq.Message(
    queue_name="scoring", actor_name="score", args=(), kwargs={"text": SECRET}, options={}
)


def line(*arguments: object, error: BaseException | None = None) -> logging.LogRecord:
    raised = None if error is None else (type(error), error, None)
    return logging.LogRecord("dramatiq", logging.ERROR, "", 0, "Failed to process %s: %s", arguments, raised)


def test_task_is_named_instead_of_shown() -> None:
    for shown in (TASK, MessageProxy(TASK)):
        record = line(shown, "why")
        assert is_new(record)
        assert record.getMessage() == f"Failed to process score[{TASK.message_id}]: why"


def test_what_was_told_already_is_not_written_again() -> None:
    told = KeyError("a defect")
    setattr(told, TOLD, True)
    assert not is_new(line(TASK, "why", error=told))
    assert not is_new(line(TASK, "why", error=TimeLimitExceeded()))
    assert is_new(line(TASK, "why", error=KeyError("of a middleware")))


def test_lines_of_others_stay_as_they_are() -> None:
    record = logging.LogRecord("uvicorn", logging.INFO, "", 0, "%(a)s", ({"a": 1},), None)
    assert is_new(record)
    assert record.getMessage() == "1"
