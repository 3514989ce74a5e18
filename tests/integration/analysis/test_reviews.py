"""Decisions about proposals: kept once, logged, told, taken back, and followed by the state of the run."""

import asyncio
from uuid import UUID, uuid4

import msgspec
import pytest
from sqlalchemy.exc import DBAPIError

from services.analysis.repository.runs import run_record
from shared.contracts.errors import QueryError
from shared.contracts.proposals import Decision
from shared.contracts.runs import RunStatus
from shared.messaging.transaction import transaction
from tests.integration.analysis.conftest import Run
from tests.integration.analysis.looking import events, refusal, rows
from tests.integration.analysis.reviewing import bulk, decided, edited, found, log, reverted, run_of
from tests.integration.analysis.working import a_project_row, a_run_row, proposal_rows, waiting


async def run_status(run_id: UUID) -> RunStatus:
    """How a run stands."""
    async with transaction() as tx:
        return (await run_record(tx, run_id)).status


@pytest.mark.parametrize(("decision", "status"), [("approve", "approved"), ("reject", "rejected")])
def test_decision_is_kept_with_its_log_entry_and_told(run: Run, decision: Decision, status: str) -> None:
    async def scenario() -> None:
        (proposal_id,) = await waiting()
        before = await found(proposal_id)
        now = await decided(proposal_id, decision, reason="Так вирішили")
        assert (now.status, now.decided_by, now.reason) == (status, "Олена", "Так вирішили")
        assert now.decided_at is not None
        assert (now.version, now.title) == (before.version + 1, before.title)
        created, entry = await log(proposal_id)
        assert (created.change, created.changed_by) == ("created", None)
        assert (entry.change, entry.changed_by, entry.reason) == (status, "Олена", "Так вирішили")
        assert (entry.before, entry.after) == ({"status": "pending"}, {"status": status})
        (event,) = await events("proposal_reviewed")
        assert event == {"proposal": msgspec.to_builtins(now), "change": status, "by": "Олена"}

    run(scenario)


def test_event_is_a_part_of_the_runs_own_chain(run: Run) -> None:
    async def scenario() -> None:
        (proposal_id,) = await waiting()
        await decided(proposal_id)
        ((headers,),) = await rows("SELECT headers FROM outbox WHERE subject LIKE '%proposal_reviewed'")
        run_id = (await found(proposal_id)).run_id
        assert f"run_id={run_id}" in str(headers)

    run(scenario)


def test_same_decision_again_changes_nothing_whoever_decides(run: Run) -> None:
    async def scenario() -> None:
        (proposal_id,) = await waiting()
        first = await decided(proposal_id, by="Олена", reason="так")
        assert await decided(proposal_id, by="Тарас", reason="інакше") == first
        assert len(await log(proposal_id)) == 2
        assert len(await events("proposal_reviewed")) == 1

    run(scenario)


def test_another_decision_on_top_is_refused_with_who_decided_what_and_when(run: Run) -> None:
    async def scenario() -> None:
        (proposal_id,) = await waiting()
        first = await decided(proposal_id, by="Олена")
        code, _, words = await refusal(decided(proposal_id, "reject", by="Тарас"))
        assert code == "conflict"
        assert "was approved by Олена on" in words
        assert f"{first.decided_at:%Y-%m-%d %H:%M} UTC" in words
        assert await found(proposal_id) == first

    run(scenario)


def test_what_is_not_there_is_not_found(run: Run) -> None:
    async def scenario() -> None:
        for call in (
            decided(uuid4()),
            reverted(uuid4()),
            edited(uuid4(), title="а"),
            found(uuid4()),
            log(uuid4()),
        ):
            assert (await refusal(call))[0] == "not_found"

    run(scenario)


def test_run_is_reviewed_with_its_last_decision_and_completed_again_when_one_is_taken_back(run: Run) -> None:
    async def scenario() -> None:
        first, second = await waiting(2)
        await decided(first)
        assert (await run_of(first)).status == "completed"
        await decided(second, "reject")
        now = await run_of(first)
        assert (now.status, now.proposals_pending, now.proposals_approved, now.proposals_rejected) == (
            "reviewed",
            0,
            1,
            1,
        )
        assert (now.accuracy.approval_rate, now.accuracy.agreement_rate) == (0.5, 0.5)
        assert now.accuracy.brier_score == pytest.approx(((0.8 - 1) ** 2 + 0.8**2) / 2)
        await reverted(first)
        assert (await run_of(first)).status == "completed"
        assert (await run_of(first)).proposals_pending == 1

    run(scenario)


@pytest.mark.parametrize("status", ["running", "failed", "cancelled"])
def test_proposals_of_a_run_that_did_not_complete_are_reviewed_and_its_state_stays(
    run: Run, status: RunStatus
) -> None:
    async def scenario() -> None:
        (proposal_id,) = await waiting(status=status)
        assert (await decided(proposal_id)).status == "approved"
        assert (await run_of(proposal_id)).status == status
        assert (await reverted(proposal_id)).status == "pending"
        assert (await run_of(proposal_id)).status == status

    run(scenario)


def test_nothing_is_decided_or_taken_back_in_a_closed_run(run: Run) -> None:
    async def scenario() -> None:
        project_id = await a_project_row()
        run_id = await a_run_row(project_id)
        (proposal_id,) = await proposal_rows(project_id, run_id)
        now = await decided(proposal_id)
        await rows("UPDATE analysis_runs SET status = 'closed' WHERE id = :id RETURNING id", id=run_id)
        assert await decided(proposal_id) == now
        for call in (decided(proposal_id, "reject"), reverted(proposal_id), edited(proposal_id, title="а")):
            code, _, words = await refusal(call)
            assert code == "conflict"
            assert "is closed" in words
        assert await found(proposal_id) == now

    run(scenario)


def test_decision_taken_back_waits_again_and_the_entry_names_what_it_takes_back(run: Run) -> None:
    async def scenario() -> None:
        (proposal_id,) = await waiting()
        before = await found(proposal_id)
        await decided(proposal_id, reason="так")
        now = await reverted(proposal_id, by="Тарас", reason="ні")
        assert msgspec.structs.replace(now, version=before.version, updated_at=before.updated_at) == before
        _, approved, entry = await log(proposal_id)
        assert (entry.change, entry.reverts, entry.reason) == ("reverted", approved.id, "ні")
        assert entry.before == {"status": "approved", "decided_by": "Олена", "reason": "так"}
        assert entry.after == {"status": "pending"}
        assert [event["change"] for event in await events("proposal_reviewed")] == ["approved", "reverted"]
        code, _, words = await refusal(reverted(proposal_id))
        assert code == "conflict"
        assert "no decision to take back" in words
        await decided(proposal_id, "reject")
        await reverted(proposal_id)
        *_, rejected, last = await log(proposal_id)
        assert last.reverts == rejected.id

    run(scenario)


def test_one_of_two_opposite_decisions_at_once_is_kept(run: Run) -> None:
    async def scenario() -> None:
        (proposal_id,) = await waiting()
        wishes: list[Decision] = ["approve", "reject"] * 5
        answers = await asyncio.gather(
            *(decided(proposal_id, wish, by=wish) for wish in wishes), return_exceptions=True
        )
        assert sum(isinstance(each, QueryError) and each.code == "conflict" for each in answers) == 5
        assert len(await log(proposal_id)) == 2
        assert len(await events("proposal_reviewed")) == 1

    run(scenario)


def test_bulk_decides_each_by_itself_and_says_why_not(run: Run) -> None:
    async def scenario() -> None:
        first, second, third, fourth = await waiting(4)
        (elsewhere,) = await waiting()
        await decided(second, "reject", by="Тарас")
        await decided(third)
        missing = uuid4()
        asked = [fourth, first, second, third, missing, elsewhere, first]
        made = await bulk(asked)
        assert [each.proposal_id for each in made.items] == [fourth, first, second, third, missing, elsewhere]
        assert [each.status for each in made.items] == [
            "approved",
            "approved",
            "rejected",
            "approved",
            None,
            "approved",
        ]
        errors = [each.error or "" for each in made.items]
        assert "was rejected by Тарас" in errors[2]
        assert errors[4] == f"There is no proposal {missing}."
        assert not any(errors[place] for place in (0, 1, 3, 5))
        assert [each.bulk_id for each in await log(first)] == [None, made.bulk_id]
        assert [each.bulk_id for each in await log(third)] == [None, None]
        assert (await run_of(first)).status == "reviewed"
        assert (await run_of(elsewhere)).status == "reviewed"

    run(scenario)


def test_same_bulk_again_answers_the_same_and_changes_nothing(run: Run) -> None:
    async def scenario() -> None:
        first, second = await waiting(2)
        await decided(second, "reject")
        bulk_id = uuid4()
        made = await bulk([first, second], bulk_id=bulk_id)
        await reverted(first)
        await reverted(second)
        assert await bulk([first, second], bulk_id=bulk_id) == made
        assert [(await found(each)).status for each in (first, second)] == ["pending", "pending"]
        code, _, words = await refusal(bulk([first], bulk_id=bulk_id))
        assert code == "conflict"
        assert str(bulk_id) in words

    run(scenario)


def test_same_bulk_many_times_at_once_is_made_once(run: Run) -> None:
    async def scenario() -> None:
        ids, bulk_id = await waiting(5), uuid4()
        first, *others = await asyncio.gather(*(bulk(ids, bulk_id=bulk_id) for _ in range(6)))
        assert all(each == first for each in others)
        assert len(await events("proposal_reviewed")) == 5

    run(scenario)


def test_bulks_that_overlap_in_opposite_orders_both_come_to_an_end(run: Run) -> None:
    async def scenario() -> None:
        ids = [*await waiting(10), *await waiting(10), *await waiting(10)]
        orders = [ids, ids[::-1], ids[10:] + ids[:10], ids[::-3]]
        made = await asyncio.gather(*(bulk(order) for order in orders * 3))
        assert all(item.status == "approved" for each in made for item in each.items)
        assert await rows("SELECT count(*) FROM proposal_changes WHERE change = 'approved'") == [(30,)]

    run(scenario)


@pytest.mark.parametrize(
    "statement", ["UPDATE proposal_changes SET changed_by = 'хтось'", "DELETE FROM proposal_changes"]
)
def test_log_is_only_ever_added_to(run: Run, statement: str) -> None:
    async def scenario() -> None:
        (proposal_id,) = await waiting()
        await decided(proposal_id)
        kept = await log(proposal_id)
        with pytest.raises(DBAPIError, match="only ever added to"):
            await rows(statement)
        assert await log(proposal_id) == kept

    run(scenario)
