"""What a model is told beside the messages; and that it is asked the same again, whatever changed since."""

from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import update

from services.analysis.proposed import NewProposal, Proposed
from services.analysis.tables import TaskProposal
from shared.contracts.runs import RunSnapshot
from shared.messaging.transaction import transaction
from tests.fakes.llm import LlmServer, Says
from tests.integration.analysis.experimenting import a_model
from tests.integration.analysis.proposing import (
    Beside,
    Others,
    answer_of,
    atom,
    message,
    proposed,
    quote,
    snapshot_of,
)
from tests.integration.analysis.working import a_project_row, a_run_row, proposal_rows

WORDS = "на касі тормозить пошук"
MESSAGES = [message(1, f"Знов {WORDS}, касири скаржаться"), message(2, "Подивлюсь завтра", "Тарас")]
ANSWER = answer_of({"title": "Прискорити пошук на касі", "quotes": [quote(1, WORDS)]})


async def a_run(llm: LlmServer) -> tuple[UUID, RunSnapshot]:
    """A run of a model, which answers one proposal."""
    llm.chat.always(Says(ANSWER))
    project_id = await a_project_row()
    return await a_run_row(project_id, "running"), snapshot_of(project_id, await a_model(llm))


async def asked(run_id: UUID, snapshot: RunSnapshot, **given: Any) -> Proposed:
    return await proposed(snapshot, MESSAGES, run_id=run_id, use_rag=True, **given)


async def approved(snapshot: RunSnapshot, *titles: str, status: str = "approved") -> list[UUID]:
    """Proposals of an earlier run that were decided about."""
    run_id = await a_run_row(snapshot.project.id, "closed")
    made = []
    for place, title in enumerate(titles, start=1):
        made += await proposal_rows(snapshot.project.id, run_id, title=title, batch=place)
    async with transaction() as tx:
        await tx.execute(
            update(TaskProposal)
            .where(TaskProposal.id.in_(made))
            .values(status=status, decided_by="Олена", decided_at=TaskProposal.created_at)
        )
    return made


def test_near_atoms_are_told_approved_ones_first_and_none_that_do_not_stand(
    beside: Beside, llm: LlmServer, others: Others
) -> None:
    others.atoms = [
        atom(1, "insight", (90, "Пошук бере ILIKE"), content="х" * 5000),
        atom(2, "decision", (91, "Ставимо pg_trgm"), status="approved"),
        atom(3, "problem", (92, "Каса повільна"), status="rejected"),
        atom(4, "problem", (1, WORDS)),
        atom(5, "decision", (93, "Купуємо сервер"), merged_into=2),
    ]
    others.near = [1, 2, 3, 4, 5, 77]

    async def scenario() -> None:
        await asked(*await a_run(llm))

    beside(scenario)
    told = llm.chat.requests[0].data["similar_atoms"]
    assert [(each["title"], each["approved"]) for each in told] == [
        ("Ставимо pg_trgm", True),
        ("Пошук бере ILIKE", False),
    ]
    assert len(told[1]["content"]) <= 600


def test_approved_tasks_are_told_with_numbers_by_which_the_model_names_them(
    beside: Beside, llm: LlmServer
) -> None:
    async def scenario() -> tuple[list[UUID], NewProposal]:
        run_id, snapshot = await a_run(llm)
        known = await approved(snapshot, "Прискорити пошук на касі", "Замовити бейджі")
        await approved(snapshot, "Відхилене", status="rejected")
        llm.chat.always(
            Says(
                answer_of(
                    {"title": "Кеш книжок", "description": "", "quotes": [quote(1, WORDS)], "repeats": 2}
                )
            )
        )
        return known, (await asked(run_id, snapshot)).proposals[0]

    known, proposal = beside(scenario)
    told = llm.chat.requests[0].data["earlier_proposals"]
    assert {each["title"] for each in told} == {"Прискорити пошук на касі", "Замовити бейджі"}
    assert [each["number"] for each in told] == [1, 2]
    second = {"Прискорити пошук на касі": known[0], "Замовити бейджі": known[1]}[told[1]["title"]]
    assert (proposal.similar_id, proposal.novelty == "new") == (second, False)


@pytest.mark.parametrize("number", [3, 99])
def test_a_number_that_was_not_told_names_nothing(beside: Beside, llm: LlmServer, number: int) -> None:
    async def scenario() -> NewProposal:
        run_id, snapshot = await a_run(llm)
        await approved(snapshot, "Замовити бейджі")
        llm.chat.always(
            Says(answer_of({"title": "Кеш книжок", "quotes": [quote(1, WORDS)], "repeats": number}))
        )
        return (await asked(run_id, snapshot)).proposals[0]

    assert beside(scenario).novelty == "new"


def test_whoever_takes_a_batch_over_asks_the_same_and_nothing_is_paid_twice(
    beside: Beside, llm: LlmServer, others: Others
) -> None:
    async def scenario() -> list[Proposed]:
        run_id, snapshot = await a_run(llm)
        others.atoms, others.near = [atom(1, "insight", (90, "Пошук бере ILIKE"))], [1]
        first = await asked(run_id, snapshot)
        others.atoms = [atom(1, "insight", (90, "Пошук бере pg_trgm"), status="approved")]
        await approved(snapshot, "Прискорити все")
        others.embedding_is_down = True
        return [first, await asked(run_id, snapshot)]

    first, again = beside(scenario)
    assert len(llm.chat.requests) == 1
    assert [each.title for each in first.proposals] == [each.title for each in again.proposals]


def test_another_run_is_told_what_is_known_then(beside: Beside, llm: LlmServer, others: Others) -> None:
    async def scenario() -> None:
        run_id, snapshot = await a_run(llm)
        await asked(run_id, snapshot)
        others.atoms, others.near = [atom(1, "insight", (90, "Пошук бере ILIKE"))], [1]
        await asked(await a_run_row(snapshot.project.id, "closed"), snapshot)

    beside(scenario)
    assert [len(request.data.get("similar_atoms", [])) for request in llm.chat.requests] == [0, 1]


def test_without_embedding_it_is_asked_without_what_is_near(
    beside: Beside, llm: LlmServer, others: Others
) -> None:
    others.embedding_is_down = True
    others.atoms, others.near = [atom(1, "insight", (90, "Пошук бере ILIKE"))], [1]

    async def scenario() -> Proposed:
        run_id, snapshot = await a_run(llm)
        await approved(snapshot, "Замовити бейджі")
        return await asked(run_id, snapshot)

    assert len(beside(scenario).proposals) == 1
    assert "similar_atoms" not in llm.chat.requests[0].data
    assert [each["title"] for each in llm.chat.requests[0].data["earlier_proposals"]] == ["Замовити бейджі"]


def test_a_run_that_does_without_is_told_nothing(beside: Beside, llm: LlmServer, others: Others) -> None:
    others.atoms, others.near = [atom(1, "insight", (90, "Пошук бере ILIKE"))], [1]

    async def scenario() -> None:
        run_id, snapshot = await a_run(llm)
        await approved(snapshot, "Замовити бейджі")
        await proposed(snapshot, MESSAGES, run_id=run_id)

    beside(scenario)
    assert not {"similar_atoms", "earlier_proposals"} & llm.chat.requests[0].data.keys()
