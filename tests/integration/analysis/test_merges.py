"""Proposals merged into others: what goes along, what comes back, and what is refused."""

from typing import Any
from uuid import uuid4

import msgspec
import pytest

from services.analysis.reviews import merging
from shared.contracts.proposals import ProposalRecord
from tests.integration.analysis.conftest import Run
from tests.integration.analysis.looking import events, refusal, rows
from tests.integration.analysis.reviewing import decided, edited, found, log, merged, reverted, run_of
from tests.integration.analysis.working import a_project_row, a_run_row, proposal_rows, quoted, waiting


def content(proposal: ProposalRecord) -> Any:
    """All of a proposal but how often and when it changed."""
    fixed = proposal.created_at
    return msgspec.structs.replace(proposal, version=0, updated_at=fixed)


def test_target_takes_quotes_atoms_and_tags_over_without_repetition_and_keeps_its_fields(
    run: Run,
) -> None:
    async def scenario() -> None:
        project_id = await a_project_row()
        run_id = await a_run_row(project_id)
        (into,) = await proposal_rows(
            project_id, run_id, quotes=[quoted(1), quoted(2)], atom_ids=[7, 8], tags=["Каса", "друк"]
        )
        (proposal_id,) = await proposal_rows(
            project_id,
            run_id,
            batch=2,
            quotes=[quoted(2), quoted(2, "інші слова"), quoted(3)],
            atom_ids=[8, 9],
            tags=["каса", "чек"],
        )
        before, other = await found(into), await found(proposal_id)
        now = await merged(proposal_id, into, reason="те саме")
        assert now == await found(into)
        assert now.quotes == [*before.quotes, *other.quotes[1:]]
        assert (now.atom_ids, now.tags) == ([7, 8, 9], ["Каса", "друк", "чек"])
        for name in ("title", "description", "category", "priority", "sub_tasks", "status", "edited"):
            assert getattr(now, name) == getattr(before, name)
        assert now.version == before.version + 1
        ((message_ids,),) = await rows("SELECT message_ids FROM task_proposals WHERE id = :id", id=into)
        assert message_ids == [1, 2, 3]
        gone = await found(proposal_id)
        assert (gone.status, gone.merged_into, gone.decided_by, gone.reason) == (
            "merged",
            into,
            "Олена",
            "те саме",
        )
        assert gone.quotes == other.quotes
        *_, entry = await log(proposal_id)
        assert (entry.change, entry.after["merged_into"]) == ("merged", str(into))
        assert [quote["message_id"] for quote in entry.after["taken"]["quotes"]] == [2, 3]
        (event,) = await events("proposal_reviewed")
        assert (event["change"], event["proposal"]["merged_into"]) == ("merged", str(into))
        assert (await run_of(into)).proposals_merged == 1

    run(scenario)


def test_merge_twice_is_harmless_and_another_one_on_top_is_refused(run: Run) -> None:
    async def scenario() -> None:
        into, proposal_id, third = await waiting(3)
        first = await merged(proposal_id, into)
        assert await merged(proposal_id, into, by="Тарас") == first
        assert len(await log(proposal_id)) == 2
        code, _, words = await refusal(merged(proposal_id, third))
        assert code == "conflict"
        assert f"was merged into {into} by Олена" in words
        assert (await refusal(decided(proposal_id, "approve")))[0] == "conflict"

    run(scenario)


def test_what_cannot_take_over_is_refused_by_its_field(run: Run) -> None:
    async def scenario() -> None:
        proposal_id, rejected, taken, target = await waiting(4)
        (foreign,) = await waiting()
        await decided(rejected, "reject")
        await merged(taken, target)
        missing = uuid4()
        for into, expected, words in (
            (proposal_id, "invalid", "into itself"),
            (missing, "invalid", f"There is no proposal {missing}."),
            (foreign, "invalid", "of another project"),
            (rejected, "conflict", "was rejected by Олена"),
            (taken, "conflict", f"was merged into {target}"),
        ):
            code, field, message = await refusal(merged(proposal_id, into))
            assert (code, field) == (expected, "into_id")
            assert words in message
        code, _, message = await refusal(merged(target, proposal_id))
        assert code == "conflict"
        assert "merge the other way round" in message
        assert (await refusal(merged(missing, target)))[0] == "not_found"
        assert (await found(proposal_id)).status == "pending"

    run(scenario)


def test_target_may_be_approved_and_of_an_earlier_closed_run(run: Run) -> None:
    async def scenario() -> None:
        project_id = await a_project_row()
        earlier = await a_run_row(project_id, "closed")
        now = {"status": "approved", "decided_by": "Тарас"}
        (into,) = await proposal_rows(project_id, earlier)
        await rows(
            "UPDATE task_proposals SET status = 'approved', decided_by = 'Тарас', decided_at = now() "
            "WHERE id = :id RETURNING id",
            id=into,
        )
        later = await a_run_row(project_id)
        (proposal_id,) = await proposal_rows(project_id, later, batch=2)
        before = await found(into)
        kept = await merged(proposal_id, into)
        assert {"status": kept.status, "decided_by": kept.decided_by} == now
        assert len(kept.quotes) == 2
        assert (await run_of(proposal_id)).status == "reviewed"
        assert (await run_of(into)).status == "closed"
        await reverted(proposal_id)
        assert content(await found(into)) == content(before)
        assert (await run_of(proposal_id)).status == "completed"

    run(scenario)


def test_merge_taken_back_puts_both_back_as_they_were(run: Run) -> None:
    async def scenario() -> None:
        into, proposal_id = await waiting(2)
        before = [content(await found(each)) for each in (into, proposal_id)]
        await merged(proposal_id, into)
        now = await reverted(proposal_id)
        assert now.merged_into is None
        assert [content(await found(each)) for each in (into, proposal_id)] == before
        ((message_ids,),) = await rows("SELECT message_ids FROM task_proposals WHERE id = :id", id=into)
        assert message_ids == [quote.message_id for quote in before[0].quotes]

    run(scenario)


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
def test_what_two_brought_stays_until_both_are_taken_back(run: Run, order: tuple[int, int]) -> None:
    async def scenario() -> None:
        project_id = await a_project_row()
        run_id = await a_run_row(project_id)
        (into,) = await proposal_rows(project_id, run_id, quotes=[quoted(1)], atom_ids=[], tags=["а"])
        both = [
            (await proposal_rows(project_id, run_id, batch=batch, quotes=quotes, atom_ids=[5], tags=["б"]))[0]
            for batch, quotes in ((2, [quoted(2), quoted(3)]), (3, [quoted(3), quoted(4)]))
        ]
        before = content(await found(into))
        for each in both:
            await merged(each, into)
        await reverted(both[order[0]])
        half = await found(into)
        own = {0: {2, 3}, 1: {3, 4}}[order[1]]
        assert {quote.message_id for quote in half.quotes} == {1} | own
        assert (half.atom_ids, half.tags) == ([5], ["а", "б"])
        await reverted(both[order[1]])
        assert content(await found(into)) == before

    run(scenario)


def test_tags_that_a_person_edited_since_stay_as_they_were_left(run: Run) -> None:
    async def scenario() -> None:
        project_id = await a_project_row()
        run_id = await a_run_row(project_id)
        (into,) = await proposal_rows(project_id, run_id, tags=["а"])
        (first,) = await proposal_rows(project_id, run_id, batch=2, tags=["б", "в"])
        (second,) = await proposal_rows(project_id, run_id, batch=3, tags=["г"])
        await merged(first, into)
        await edited(into, tags=["б", "своє"])
        await merged(second, into)
        await reverted(second)
        assert (await found(into)).tags == ["б", "своє"]
        await reverted(first)
        now = await found(into)
        assert now.tags == ["б", "своє"]
        assert len(now.quotes) == 1

    run(scenario)


def test_approval_of_one_that_took_others_over_is_taken_back_and_they_stay_merged(run: Run) -> None:
    async def scenario() -> None:
        into, proposal_id = await waiting(2)
        await merged(proposal_id, into)
        await decided(into)
        assert (await run_of(into)).status == "reviewed"
        now = await reverted(into)
        assert now.status == "pending"
        assert len(now.quotes) == 2
        assert (await found(proposal_id)).merged_into == into
        assert (await run_of(into)).status == "completed"

    run(scenario)


def test_tags_beyond_what_one_may_have_stay_behind(run: Run) -> None:
    async def scenario() -> None:
        project_id = await a_project_row()
        run_id = await a_run_row(project_id)
        (into,) = await proposal_rows(project_id, run_id, tags=[f"т{number}" for number in range(18)])
        (proposal_id,) = await proposal_rows(project_id, run_id, batch=2, tags=["а", "б", "в"])
        now = await merged(proposal_id, into)
        assert now.tags[18:] == ["а", "б"]
        assert (await edited(into, tags=[*now.tags[1:]])).tags == now.tags[1:]

    run(scenario)


def test_no_proposal_grows_larger_than_an_answer_can_carry(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    async def scenario() -> None:
        into, proposal_id = await waiting(2)
        before = await found(into)
        size = len(msgspec.json.encode(before))
        monkeypatch.setattr(merging, "LARGEST_PROPOSAL", size)
        code, field, words = await refusal(merged(proposal_id, into))
        assert (code, field) == ("conflict", "into_id")
        assert "are allowed" in words
        assert await found(into) == before

    run(scenario)
