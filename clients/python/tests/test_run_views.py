"""What the command says of runs."""

from datetime import UTC, datetime
from uuid import UUID

import msgspec
import pytest

from tasktracker.cli.run_views import unread_messages, why_nothing
from tasktracker.records.common import ProjectRecord
from tasktracker.records.knowledge import PendingState
from tasktracker.records.runs import RunRecord, RunSnapshot

NOW = datetime(2026, 10, 23, tzinfo=UTC)
ID = UUID(int=1)


def pending(waiting: int = 0, claimed: int = 0) -> PendingState:
    return PendingState(waiting=waiting, claimed=claimed, threshold=10, lookback_hours=24.0)


def run(**differing: object) -> RunRecord:
    project = ProjectRecord(id=ID, name="Backend", version=1, created_at=NOW, updated_at=NOW)
    snapshot = RunSnapshot(
        project=project,
        agent_id=ID,
        agent_name="proposer",
        provider_id=ID,
        provider_name="local",
        model="local",
        prompt="propose-1",
        language="uk",
        temperature=0.0,
        max_tokens=1,
        max_cost=1.0,
        basic_mode=True,
    )
    plain = RunRecord(
        id=ID,
        project_id=ID,
        project_name="Backend",
        status="completed",
        since=NOW,
        until=NOW,
        use_rag=True,
        config_snapshot=snapshot,
        messages_found=20,
        messages_kept=12,
        created_at=NOW,
        created_by="me",
    )
    return msgspec.structs.replace(plain, **differing)


def test_few_messages_that_wait_for_more_are_not_about_to_be_read() -> None:
    assert unread_messages(pending(waiting=9)) == 0
    assert unread_messages(pending(waiting=10, claimed=50)) == 60


@pytest.mark.parametrize(
    ("made", "waits", "said"),
    [
        (run(messages_found=0, messages_kept=0), pending(), "no message lies in the window"),
        (run(messages_kept=0), pending(), "are noise"),
        (run(batches_failed=1), pending(), "no usable answer"),
        (run(), pending(claimed=41), "41 messages are still to be read"),
        (run(), pending(), "nothing that is still to be done"),
    ],
)
def test_a_run_that_proposes_nothing_says_why(made: RunRecord, waits: PendingState, said: str) -> None:
    assert said in why_nothing(made, waits)
