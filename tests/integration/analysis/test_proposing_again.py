"""What was proposed before is told to be so: by meaning, by its messages, for want of vectors by words."""

from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import update

from services.analysis.novelty import comparing
from services.analysis.proposed import NewProposal
from services.analysis.repository.run_work import insert_proposals
from services.analysis.tables import TaskProposal
from shared.contracts.runs import RunStatus
from shared.messaging.transaction import transaction
from tests.fakes.llm import LlmServer, Says
from tests.integration.analysis.experimenting import a_model
from tests.integration.analysis.looking import rows
from tests.integration.analysis.proposing import (
    Beside,
    Others,
    answer_of,
    message,
    proposed,
    quote,
    snapshot_of,
)
from tests.integration.analysis.reviewing import edited
from tests.integration.analysis.working import a_project_row, a_run_row, proposal_rows, quoted

TITLE = "Обмежити довжину стріму в Redis"
DESCRIPTION = "Стріми не підрізаються, пам'ять Redis за вихідні зросла з 600 до 1400 МБ."
MEMORY = message(21, "память Redis за выходные выросла с 600 до 1400 МБ, стримы не подрезаются")
WORDS = "стримы не подрезаются"


async def earlier(project_id: UUID, run_is: RunStatus = "closed", **given: Any) -> UUID:
    """A proposal of an earlier run, which quotes another message."""
    defaults: dict[str, Any] = {"title": TITLE, "description": DESCRIPTION, "quotes": [quoted(900, "память")]}
    (made,) = await proposal_rows(project_id, await a_run_row(project_id, run_is), **(defaults | given))
    return made


async def told(llm: LlmServer, project_id: UUID, **given: Any) -> NewProposal:
    """What becomes of one proposal of a model, which says the same unless something else is given."""
    defaults = {"title": TITLE, "description": DESCRIPTION, "quotes": [quote(1, WORDS)]}
    llm.chat.always(Says(answer_of(defaults | given)))
    found = await proposed(snapshot_of(project_id, await a_model(llm, name=str(uuid4()))), [MEMORY])
    return found.proposals[0]


async def decided(proposal_id: UUID, status: str, **values: Any) -> None:
    """Decide about a proposal, straight in its table."""
    values = {"status": status, "decided_by": "Олена", "decided_at": TaskProposal.created_at} | values
    async with transaction() as tx:
        await tx.execute(update(TaskProposal).where(TaskProposal.id == proposal_id).values(**values))


@pytest.mark.parametrize(
    ("status", "recommendation", "said"),
    [
        ("pending", "review", "Повторює ще не переглянуту"),
        ("approved", "review", "Повторює схвалену"),
        ("rejected", "reject", "Повторює відхилену"),
    ],
)
def test_a_repetition_names_the_earlier_one_and_is_not_to_be_taken_over(
    beside: Beside, llm: LlmServer, status: str, recommendation: str, said: str
) -> None:
    async def scenario() -> tuple[UUID, NewProposal]:
        project_id = await a_project_row()
        before = await earlier(project_id)
        if status != "pending":
            await decided(before, status)
        return before, await told(llm, project_id)

    before, proposal = beside(scenario)
    assert (proposal.novelty, proposal.similar_id) == ("duplicate_of", before)
    assert proposal.similarity == pytest.approx(1.0)
    assert proposal.recommendation == recommendation
    assert said in proposal.reasoning


def test_more_about_an_earlier_one_is_an_update_of_it(beside: Beside, llm: LlmServer) -> None:
    more = f"{DESCRIPTION} На проді обмеження досі немає, потрібен ще алерт на 70 % і увімкнений AOF."

    async def scenario() -> tuple[UUID, NewProposal]:
        project_id = await a_project_row()
        before = await earlier(project_id)
        return before, await told(llm, project_id, description=more)

    before, proposal = beside(scenario)
    assert (proposal.novelty, proposal.similar_id) == ("update_of", before)
    assert proposal.recommendation == "approve"
    assert "Продовжує" in proposal.reasoning


def test_another_task_is_new_and_so_is_what_another_project_has(beside: Beside, llm: LlmServer) -> None:
    async def scenario() -> list[NewProposal]:
        project_id, other_id = await a_project_row(), await a_project_row("Інший")
        await earlier(other_id)
        await earlier(project_id, title="Замовити бейджі", description="Бейджів для конференції ще немає.")
        return [await told(llm, project_id)]

    (proposal,) = beside(scenario)
    assert (proposal.novelty, proposal.similar_id, proposal.similarity) == ("new", None, None)
    assert proposal.vector is not None


def test_one_that_was_merged_away_stands_for_the_one_that_took_it_over(
    beside: Beside, llm: LlmServer
) -> None:
    async def scenario() -> tuple[UUID, NewProposal]:
        project_id = await a_project_row()
        taken = await earlier(project_id)
        kept = await earlier(project_id, title="Навести лад у черзі", description="Усе про чергу.")
        await decided(taken, "merged", merged_into=kept)
        await decided(kept, "approved")
        return kept, await told(llm, project_id)

    kept, proposal = beside(scenario)
    assert (proposal.novelty, proposal.similar_id) == ("duplicate_of", kept)
    assert "«Навести лад у черзі»" in proposal.reasoning


def test_the_same_words_of_a_message_count_more_than_how_they_are_put(beside: Beside, llm: LlmServer) -> None:
    other = {"title": "Memory of Redis streams", "description": "Redis grows from 600 to 1400 MB."}

    async def scenario() -> list[NewProposal]:
        project_id = await a_project_row()
        alone = await told(llm, project_id, **other)
        await earlier(project_id, quotes=[quoted(21, f"память Redis, {WORDS}")])
        return [alone, await told(llm, project_id, **other)]

    alone, proposal = beside(scenario)
    assert (alone.novelty, proposal.novelty) == ("new", "duplicate_of")


def test_without_vectors_words_decide_and_what_was_saved_so_gets_them_later(
    beside: Beside, llm: LlmServer, others: Others
) -> None:
    async def scenario() -> tuple[NewProposal, NewProposal, list[Any]]:
        project_id = await a_project_row()
        before = await earlier(project_id)
        others.embedding_is_down = True
        by_words = await told(llm, project_id)
        assert by_words.similar_id == before
        run_id = await a_run_row(project_id, "closed")
        async with transaction() as tx:
            await insert_proposals(tx, run_id, project_id, 1, [by_words], basic_mode=False)
        others.embedding_is_down = False
        by_meaning = await told(llm, project_id)
        return by_words, by_meaning, await rows("SELECT space_id, version FROM task_proposals")

    by_words, by_meaning, kept = beside(scenario)
    assert (by_words.novelty, by_words.vector, by_words.space_id) == ("duplicate_of", None, None)
    assert (by_meaning.novelty, by_meaning.space_id) == ("duplicate_of", 3)
    assert kept == [(3, 1), (3, 1)]


def test_one_that_a_person_puts_in_other_words_is_compared_by_these(beside: Beside, llm: LlmServer) -> None:
    async def scenario() -> list[Any]:
        project_id = await a_project_row()
        before = await earlier(project_id, "completed")
        await told(llm, project_id)
        had = await rows("SELECT space_id FROM task_proposals")
        await edited(before, title="Замовити бейджі", description="Бейджів для конференції ще немає.")
        now = await rows("SELECT space_id, vector IS NULL FROM task_proposals")
        return [had, now, (await told(llm, project_id)).novelty]

    assert beside(scenario) == [[(3,)], [(None, True)], "new"]


def test_a_new_space_is_filled_bit_by_bit(
    beside: Beside, llm: LlmServer, others: Others, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(comparing, "MOST_MADE_GOOD", 2)

    async def scenario() -> list[list[Any]]:
        project_id = await a_project_row()
        for number in range(3):
            await earlier(project_id, title=f"{TITLE} {number}")
        seen = []
        for space_id in (3, 4, 4):
            others.space_id = space_id
            await told(llm, project_id)
            seen.append(sorted(await rows("SELECT coalesce(space_id, 0) FROM task_proposals")))
        return seen

    assert beside(scenario) == [[(0,), (3,), (3,)], [(0,), (4,), (4,)], [(4,), (4,), (4,)]]
