"""Which state of a run follows which: every action in every state."""

from typing import get_args

import pytest

from services.analysis.runs.states import UNCLOSED, IllegalTransitionError, RunAction, after
from shared.contracts.runs import RunStatus

STATUSES: tuple[RunStatus, ...] = get_args(RunStatus)
ACTIONS: tuple[RunAction, ...] = get_args(RunAction)

LEGAL: dict[tuple[RunStatus, RunAction], RunStatus] = {
    ("pending", "start"): "running",
    ("pending", "cancel"): "cancelled",
    ("running", "complete"): "completed",
    ("running", "fail"): "failed",
    ("running", "cancel"): "cancelled",
    ("failed", "retry"): "running",
    ("failed", "cancel"): "cancelled",
    ("cancelled", "retry"): "running",
    ("completed", "decide_last"): "reviewed",
    ("completed", "close"): "closed",
    ("reviewed", "revert"): "completed",
    ("reviewed", "close"): "closed",
}
ILLEGAL = [(status, action) for status in STATUSES for action in ACTIONS if (status, action) not in LEGAL]


@pytest.mark.parametrize(("status", "action"), LEGAL)
def test_legal_action_leads_on(status: RunStatus, action: RunAction) -> None:
    assert after(status, action) == LEGAL[status, action]


@pytest.mark.parametrize(("status", "action"), ILLEGAL)
def test_illegal_action_is_refused_with_the_state_it_is_in_and_those_that_allow_it(
    status: RunStatus, action: RunAction
) -> None:
    with pytest.raises(IllegalTransitionError) as refused:
        after(status, action)
    said, _, allowed = str(refused.value).partition("; ")
    assert said == f"The run is {status}"
    assert {each for each in STATUSES if each in allowed.split()} == {
        legal for legal, of in LEGAL if of == action
    }
    assert refused.value.status == status


def test_closed_is_the_end() -> None:
    assert not [status for status, _ in LEGAL if status == "closed"]


def test_project_is_free_again_only_once_its_run_is_closed_or_cancelled() -> None:
    assert set(STATUSES) - UNCLOSED == {"closed", "cancelled"}
