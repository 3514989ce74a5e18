"""Decisions that replace each other: a later one ends an earlier one, which is kept."""

import asyncio
from typing import Any

import pytest

from services.knowledge.reviews.atoms import edit_atom
from shared.contracts.atoms import AtomRecord, EditAtom
from shared.messaging.transaction import transaction
from tests.integration.knowledge.conftest import Run
from tests.integration.knowledge.people import atom, atom_now, refused, reviewed, rows, said, superseded


async def proposed(earlier: int, later: int) -> None:
    """Say, as an extraction does, that a decision will replace another one when it is approved."""
    async with transaction() as tx:
        await tx.connection.exec_driver_sql(
            f"UPDATE knowledge.atoms SET superseded_by = {later} WHERE id = {earlier}"  # noqa: S608
        )


def test_a_later_decision_ends_the_earlier_one_which_is_kept_and_that_can_be_taken_back(review: Run) -> None:
    async def scenario() -> tuple[AtomRecord, AtomRecord, AtomRecord, AtomRecord, Any]:
        earlier, later = await atom(quotes=[(1, "реліз")]), await atom("Потім", quotes=[(5, "реліз")])
        ended = await superseded(earlier.id, later.id)
        assert await superseded(earlier.id, later.id) == ended
        successor = await atom_now(later.id)
        events = await said('"change":"superseded"')
        back = await superseded(earlier.id, None)
        return earlier, ended, successor, back, events

    earlier, ended, successor, back, events = review(scenario)
    assert (ended.superseded_by, ended.valid_to) == (successor.id, successor.valid_from)
    assert ended.status == "approved"
    assert successor.supersedes == [earlier.id]
    assert (back.superseded_by, back.valid_to) == (None, None)
    assert len(events) == 1


def test_a_decision_that_waits_ends_the_earlier_one_only_when_it_is_approved(review: Run) -> None:
    async def scenario() -> list[tuple[Any, ...]]:
        earlier, later = await atom(quotes=[(1, "реліз")]), await atom("Потім", quotes=[(5, "реліз")])
        await reviewed(later.id, "needs_review")
        await proposed(earlier.id, later.id)
        found = []
        for status in ("needs_review", "approved", "rejected", "approved"):
            await reviewed(later.id, status)
            now = await atom_now(earlier.id)
            found.append((status, now.superseded_by, now.valid_to is not None))
        await reviewed(earlier.id, "rejected")
        now = await atom_now(earlier.id)
        found.append(("earlier rejected", now.superseded_by, now.valid_to is not None))
        assert (await atom_now(later.id)).supersedes == [earlier.id]
        return found

    assert review(scenario) == [
        ("needs_review", None, False),
        ("approved", 2, True),
        ("rejected", None, False),
        ("approved", 2, True),
        ("earlier rejected", None, False),
    ]


def test_decisions_never_supersede_each_other_in_a_circle(review: Run) -> None:
    async def scenario() -> list[Any]:
        made = [(await atom(f"Рішення {number}", quotes=[(number, "реліз")])).id for number in (1, 2, 3)]
        asked = [(earlier, later) for earlier in made for later in made if earlier != later]
        await asyncio.gather(*(superseded(*each) for each in asked), return_exceptions=True)
        return await rows("SELECT id, superseded_by FROM knowledge.atoms ORDER BY id")

    chain = dict(review(scenario))
    assert all(later is None or later > earlier for earlier, later in chain.items())
    assert chain[2] == 3


@pytest.mark.parametrize(
    ("earlier", "later", "code", "why"),
    [
        (1, 1, "invalid", "A decision cannot supersede itself."),
        (1, 99, "invalid", "There is no atom 99."),
        (99, 1, "not_found", "There is no atom 99."),
        (2, 1, "conflict", "is not later than atom 2"),
        (1, 3, "conflict", "Atom 3 is of type insight"),
        (1, 4, "conflict", "Atom 4 is not approved"),
    ],
)
def test_what_cannot_be_superseded_is_refused(
    review: Run, earlier: int, later: int, code: str, why: str
) -> None:
    async def scenario() -> Any:
        await atom(quotes=[(1, "реліз")])
        await atom("Потім", quotes=[(5, "реліз")])
        await atom("Думка", type="insight")
        waiting = await atom("Чекає", quotes=[(6, "реліз")])
        await reviewed(waiting.id, "needs_review")
        return await refused(superseded(earlier, later))

    body = review(scenario)
    assert body.code == code
    assert why in body.message
    assert body.field == (None if code == "not_found" else "superseded_by")


def test_a_decision_that_takes_part_in_a_supersession_stays_a_decision(review: Run) -> None:
    async def scenario() -> tuple[list[Any], AtomRecord, AtomRecord]:
        earlier, later = await atom(quotes=[(1, "реліз")]), await atom("Потім", quotes=[(5, "реліз")])
        await superseded(earlier.id, later.id)
        refusals = [
            await refused(edit_atom(EditAtom(atom_id=each.id, by="Петро", type="insight")))
            for each in (earlier, later)
        ]
        await superseded(earlier.id, None)
        insight = await edit_atom(EditAtom(atom_id=earlier.id, by="Петро", type="insight"))
        return refusals, insight, await edit_atom(EditAtom(atom_id=earlier.id, by="Петро", type="decision"))

    refusals, insight, decision = review(scenario)
    assert {(body.code, body.field) for body in refusals} == {("conflict", "type")}
    assert insight.valid_from is None
    assert decision.valid_from == decision.citations[0].sent_at
