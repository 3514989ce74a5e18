"""The end of each try of a task: counted, and told in one line of the log.

With ten million messages a day there are some 500 tries a second. So one that succeeds at once says so at
DEBUG alone. One that took a second or more says so at INFO: of those a thread ends one a second at the most.
"""

import time
from dataclasses import dataclass, field
from typing import Final

from loguru import logger

from shared.messaging.tasks import TaskState
from shared.service.dramatiq_logs import TOLD
from shared.service.failures import FinalFailure, NotNow, is_outage
from shared.service.metrics import TASKS
from shared.telemetry.tracebacks import error_line

SLOW: Final = 1.0
"""Seconds from which on a success is worth a line."""

PATIENT_ATTEMPTS: Final = 3
"""A server that is away for a moment, as when everything starts, is nothing to warn of."""

_WORDS: Final[dict[TaskState, str]] = {
    "succeeded": "succeeded",
    "failed": "ended without success",
    "retrying": "failed, to be tried again",
    "dead": "failed and was given up",
}


@dataclass(frozen=True, slots=True)
class Try:
    """One try of a task that runs.

    Attributes:
        actor: Which actor.
        number: Which try it is, from 1.
    """

    actor: str
    number: int
    _began: float = field(default_factory=time.perf_counter)

    def end(self, outcome: TaskState, error: BaseException | None = None) -> None:
        """Count it and tell of it.

        Args:
            outcome: What becomes of the task.
            error: Why it did not succeed.
        """
        seconds = time.perf_counter() - self._began
        TASKS.labels(self.actor, outcome).observe(seconds)
        if error is not None:
            # Dramatiq would write another line of it, with all that the task was told.
            setattr(error, TOLD, True)
        is_foreseen = error is None or isinstance(error, FinalFailure) or is_outage(error)
        logger.bind(outcome=outcome, duration=round(seconds, 4)).opt(
            exception=None if is_foreseen else error
        ).log(
            self._level(error, seconds),
            "{} {} at attempt {}, after {}{}",
            self.actor,
            _WORDS[outcome],
            self.number,
            _shown(seconds),
            f": {error_line(error)}" if error is not None else "",
        )

    def interrupt(self) -> None:
        """Count and tell that it was interrupted: it is handed to another worker, or tried again."""
        seconds = time.perf_counter() - self._began
        TASKS.labels(self.actor, "retrying").observe(seconds)
        logger.bind(outcome="retrying", duration=round(seconds, 4)).warning(
            "{} was interrupted at attempt {}, after {}, by its time limit or the end of the process; "
            "to be tried again",
            self.actor,
            self.number,
            _shown(seconds),
        )

    def _level(self, error: BaseException | None, seconds: float) -> str:
        if error is None:
            return "INFO" if self.number > 1 or seconds >= SLOW else "DEBUG"
        if isinstance(error, NotNow) or (is_outage(error) and self.number <= PATIENT_ATTEMPTS):
            return "INFO"
        return "WARNING"


def _shown(seconds: float) -> str:
    return f"{seconds * 1000:.0f} ms" if seconds < SLOW else f"{seconds:.1f} s"
