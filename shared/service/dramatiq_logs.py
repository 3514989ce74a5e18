"""What Dramatiq itself says of tasks, without what they were told: that is what people wrote.

Its lines name a message with all of its arguments. And of a try that failed it writes a second line, with the
traceback, where ours (`shared.service.endings`) has said so already.
"""

import logging
from collections.abc import Mapping
from typing import Any, Final

from dramatiq.broker import MessageProxy
from dramatiq.message import Message
from dramatiq.middleware import Interrupt

TOLD: Final = "__task_tracker_told__"
"""Set on an error of which our own line was written."""

_LOGGERS: Final = ("dramatiq.worker.WorkerThread", "dramatiq.middleware.retries.Retries")


def quieten_dramatiq() -> None:
    """Have Dramatiq's lines name tasks by actor and id, and leave out what was told already.

    To be called when the log is set up: its handlers are what each line passes.
    """
    for name in _LOGGERS:
        logging.getLogger(name).setLevel(logging.WARNING)
    for handler in logging.getLogger().handlers:
        handler.addFilter(is_new)


def is_new(record: logging.LogRecord) -> bool:
    """Whether a line is to be written; names tasks in it, instead of showing them."""
    error = record.exc_info[1] if record.exc_info else None
    if isinstance(error, Interrupt) or getattr(error, TOLD, False):
        return False
    arguments = record.args
    if isinstance(arguments, Mapping):
        return True
    record.args = tuple(_named(argument) for argument in arguments or ())
    return True


def _named(argument: Any) -> Any:
    if isinstance(argument, Message | MessageProxy):
        return f"{argument.actor_name}[{argument.message_id}]"
    return argument
