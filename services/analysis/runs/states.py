"""The states of an analysis run, and which may follow which. Pure.

    pending → running → completed → reviewed → closed
       │         ├→ failed → running (a retry) or cancelled
       └─────────┴→ cancelled → running (a retry)

`completed` and `reviewed` follow each other as people decide on proposals and take decisions back.
"""

from collections.abc import Mapping
from typing import Literal

from shared.contracts.runs import RunStatus

RunAction = Literal["start", "complete", "fail", "cancel", "retry", "decide_last", "revert", "close"]

TRANSITIONS: Mapping[RunAction, Mapping[RunStatus, RunStatus]] = {
    "start": {"pending": "running"},
    "complete": {"running": "completed"},
    "fail": {"running": "failed"},
    "cancel": {"pending": "cancelled", "running": "cancelled", "failed": "cancelled"},
    "retry": {"failed": "running", "cancelled": "running"},
    "decide_last": {"completed": "reviewed"},
    "revert": {"reviewed": "completed"},
    "close": {"completed": "closed", "reviewed": "closed"},
}
"""By action: from which state to which. What is not in here is refused."""

UNCLOSED: frozenset[RunStatus] = frozenset({"pending", "running", "completed", "reviewed", "failed"})
"""A project has at most one run in these states: what failed can be retried, or is to be cancelled."""


class IllegalTransitionError(Exception):
    """A run's state does not allow an action.

    Attributes:
        status: The state that it is in.
    """

    def __init__(self, status: RunStatus, action: RunAction) -> None:
        allowed = " or ".join(TRANSITIONS[action])
        super().__init__(f"The run is {status}; only one that is {allowed} can {_VERBS[action]}.")
        self.status = status


_VERBS: Mapping[RunAction, str] = {
    "start": "be started",
    "complete": "be completed",
    "fail": "fail",
    "cancel": "be cancelled",
    "retry": "be retried",
    "decide_last": "be reviewed",
    "revert": "have a decision taken back",
    "close": "be closed",
}


def after(status: RunStatus, action: RunAction) -> RunStatus:
    """The state that an action leads to.

    Raises:
        IllegalTransitionError: When the state does not allow it.
    """
    following = TRANSITIONS[action].get(status)
    if following is None:
        raise IllegalTransitionError(status, action)
    return following
