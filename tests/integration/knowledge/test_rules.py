"""Automation rules: made, changed, and applied to what waits already."""

import asyncio
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import text

from services.knowledge.actors import apply_rule_task
from services.knowledge.applying import apply_rule
from services.knowledge.repository.merges import lock_merging
from services.knowledge.repository.rules import rules_that_decide
from services.knowledge.reviews.changes import page_of_changes
from services.knowledge.reviews.rules import MOST_RULES, create_rule, every_rule, remove_rule, update_rule
from services.knowledge.reviews.versions import page_of_versions
from shared.contracts.revisions import (
    CreateRule,
    DeleteRule,
    ListChanges,
    ListRules,
    ListVersions,
    RuleRecord,
    UpdateRule,
)
from shared.messaging.transaction import transaction
from tests.integration.knowledge.conftest import Run
from tests.integration.knowledge.people import (
    atom,
    atom_now,
    draft,
    refused,
    reviewed,
    rows,
    said,
    superseded,
    topic,
    topic_now,
)


async def rule(name: str = "Певні рішення", **fields: Any) -> RuleRecord:
    given: dict[str, Any] = {
        "rule_id": uuid4(),
        "name": name,
        "applies_to": "atom",
        "min_confidence": 0.8,
        "by": "Олена",
    }
    return await create_rule(CreateRule(**(given | fields)))


async def found(count: int, kind: str = "atom", *, confidence: float = 0.9) -> None:
    """Things as an extraction finds them: they wait for a review."""
    names = "name, icon, colour" if kind == "topic" else "type, title, content"
    values = (
        "'Тема ' || number, '💬', '#000000'"
        if kind == "topic"
        else "(ARRAY['decision', 'insight'])[number % 2 + 1], 'Атом ' || number, 'б'"
    )
    statement = (
        f"INSERT INTO knowledge.{kind}s ({names}, status, confidence)"  # noqa: S608 - our own words
        f" SELECT {values}, 'needs_review', :confidence FROM generate_series(1, :count) number"
    )
    async with transaction() as tx:
        await tx.execute(text(statement), {"confidence": confidence, "count": count})


async def statuses(kind: str = "atoms") -> dict[str, int]:
    return dict(await rows(f"SELECT status, count(*) FROM knowledge.{kind} GROUP BY status"))  # noqa: S608


async def rule_now(rule_id: UUID) -> RuleRecord:
    return next(each for each in await every_rule(ListRules()) if each.id == rule_id)


def test_a_rule_is_made_once_and_logged_and_applied(review: Run) -> None:
    async def scenario() -> tuple[Any, ...]:
        rule_id = uuid4()
        first = await rule("  Певні  рішення ", rule_id=rule_id, atom_types=["decision"])
        again = await rule("Інше", rule_id=rule_id, min_confidence=0.1)
        changes = (await page_of_changes(ListChanges())).items
        return first, again, changes, await said("apply_rule_task"), await every_rule(ListRules())

    first, again, (change,), commands, listed = review(scenario)
    assert first == again
    assert listed == [first]
    assert (first.name, first.min_confidence, first.atom_types) == ("Певні рішення", 0.8, ["decision"])
    assert (first.created_by, first.approved, first.enabled) == ("Олена", 0, True)
    assert (change.entity, change.entity_id, change.rule_id, change.change) == (
        "rule",
        None,
        first.id,
        "created",
    )
    assert len(commands) == 1


def test_a_disabled_rule_is_kept_but_neither_applied_nor_decides(review: Run) -> None:
    async def scenario() -> tuple[Any, Any]:
        await rule(enabled=False)
        async with transaction() as tx:
            return await said("apply_rule_task"), await rules_that_decide(tx)

    assert review(scenario) == ([], [])


def test_rules_are_listed_by_name(review: Run) -> None:
    async def scenario() -> list[str]:
        for name in ("в", "Б", "а"):
            await rule(name)
        return [each.name for each in await every_rule(ListRules())]

    assert review(scenario) == ["а", "Б", "в"]


def test_a_taken_name_is_a_conflict(review: Run) -> None:
    async def scenario() -> list[Any]:
        await rule("Певні")
        other = await rule("Інші")
        return [
            await refused(rule("певні")),
            await refused(update_rule(UpdateRule(rule_id=other.id, by="Петро", name="ПЕВНІ"))),
        ]

    found = review(scenario)
    assert {(body.code, body.field) for body in found} == {("conflict", "name")}
    assert found[0].message == "Another automation rule has the name “певні” already."


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"min_similarity": 0.5}, "min_similarity"),
        ({"applies_to": "topic", "atom_types": ["decision"]}, "atom_types"),
        ({"name": " "}, "name"),
    ],
)
def test_a_rule_that_makes_no_sense_is_refused_and_not_kept(
    review: Run, fields: dict[str, Any], field: str
) -> None:
    async def scenario() -> tuple[Any, Any]:
        return await refused(rule(**fields)), await every_rule(ListRules())

    body, listed = review(scenario)
    assert (body.code, body.field) == ("invalid", field)
    assert listed == []


def test_a_rule_is_changed_and_applied_again_when_what_it_asks_for_changed(review: Run) -> None:
    async def scenario() -> tuple[Any, ...]:
        made = await rule(enabled=False)
        steps: list[dict[str, Any]] = [
            {"name": "Інша"},
            {"enabled": True},
            {"enabled": True},
            {"min_confidence": 0.5},
            {"name": "Ще інша"},
            {"enabled": False},
        ]
        sent = []
        for fields in steps:
            changed = await update_rule(UpdateRule(rule_id=made.id, by="Петро", **fields))
            sent.append(len(await said("apply_rule_task")))
        changes = (await page_of_changes(ListChanges())).items
        return changed, sent, changes, await refused(update_rule(UpdateRule(rule_id=uuid4(), by="Петро")))

    changed, sent, changes, unknown = review(scenario)
    assert (changed.name, changed.min_confidence, changed.enabled) == ("Ще інша", 0.5, False)
    assert sent == [0, 1, 1, 2, 2, 2]
    assert [each.details for each in changes][:2] == [{"enabled": False}, {"name": "Ще інша"}]
    assert changes[0].by == "Петро"
    assert unknown.code == "not_found"


def test_a_change_into_nonsense_is_refused(review: Run) -> None:
    async def scenario() -> Any:
        made = await rule()
        return await refused(update_rule(UpdateRule(rule_id=made.id, by="Петро", min_similarity=0.5)))

    assert review(scenario).field == "min_similarity"


def test_a_deleted_rule_leaves_what_it_approved(review: Run) -> None:
    async def scenario() -> tuple[Any, ...]:
        await found(2)
        made = await rule()
        await apply_rule(made.id)
        for _ in range(2):
            await remove_rule(DeleteRule(rule_id=made.id, by="Петро"))
        changes = (await page_of_changes(ListChanges())).items
        return made, await every_rule(ListRules()), await atom_now(1), changes[0], await apply_rule(made.id)

    made, listed, kept, change, applied = review(scenario)
    assert listed == []
    assert (kept.status, kept.rule_id) == ("approved", made.id)
    assert (change.change, change.details) == ("deleted", {"name": made.name})
    assert applied == {"approved": 0, "skipped": 0}


def test_atoms_that_wait_are_approved_in_batches_and_a_second_run_finds_nothing(review: Run) -> None:
    async def scenario() -> tuple[Any, ...]:
        await found(1201)
        await found(5, confidence=0.7)
        made = await rule(atom_types=["decision"])
        first, second = await apply_rule_task(rule_id=made.id), await apply_rule_task(rule_id=made.id)
        events = [event for event in await said("entity_changed") if "reviewed" in event]
        return first, second, await statuses(), await rule_now(made.id), events, await atom_now(2)

    first, second, kept, now, events, approved = review(scenario)
    assert first == {"approved": 600, "skipped": 0}
    assert second == {"approved": 0, "skipped": 0}
    assert kept == {"approved": 600, "needs_review": 606}
    assert now.approved == 600
    assert len(events) == 600
    assert (approved.status, approved.rule_id, approved.reviewed_by) == ("approved", now.id, None)
    assert approved.reviewed_at is not None


def test_topics_that_wait_are_approved_and_search_hears_of_it(review: Run) -> None:
    async def scenario() -> tuple[Any, ...]:
        await found(3, "topic")
        made = await rule(applies_to="topic")
        return await apply_rule(made.id), await topic_now(1), await said("embed_topics_batch_task")

    result, now, commands = review(scenario)
    assert result == {"approved": 3, "skipped": 0}
    assert now.status == "approved"
    assert '"topic_ids":[1,2,3]' in commands[-1]


def test_what_a_person_decided_or_put_back_is_no_rules_to_approve(review: Run) -> None:
    async def scenario() -> tuple[Any, ...]:
        await found(3)
        await reviewed(1, "rejected")
        await reviewed(2, "approved")
        await reviewed(2, "needs_review")
        made = await rule(min_confidence=0.0)
        result = await apply_rule(made.id)
        await reviewed(3, "rejected")
        return result, await rows("SELECT status FROM knowledge.atoms ORDER BY id"), await rule_now(made.id)

    result, kept, now = review(scenario)
    assert result == {"approved": 1, "skipped": 0}
    assert kept == [("rejected",), ("needs_review",), ("rejected",)]
    assert now.approved == 0


def test_a_decision_that_a_rule_approves_ends_the_earlier_one(review: Run) -> None:
    async def scenario() -> Any:
        await atom(quotes=[(1, "реліз")])
        later = await atom("Потім", quotes=[(5, "реліз")])
        await superseded(1, later.id)
        async with transaction() as tx:
            await tx.execute(
                text("UPDATE knowledge.atoms SET status = 'needs_review', reviewed_by = NULL WHERE id = 2;")
            )
            await tx.execute(text("UPDATE knowledge.atoms SET valid_to = NULL WHERE id = 1"))
        made = await rule()
        await apply_rule(made.id)
        return await atom_now(1)

    now = review(scenario)
    assert now.superseded_by == 2
    assert now.valid_to is not None


def test_drafts_that_wait_are_approved_and_those_that_cannot_be_go_on_waiting(review: Run) -> None:
    async def scenario() -> tuple[Any, ...]:
        one, other, _ = await topic("Реліз"), await topic("Дизайн"), await topic("Випуск")
        sure = {"confidence": 0.9, "similarity": 0.95}
        await draft("topic", one.id, ("icon", "💬", "🚀"), **sure)
        await draft("topic", one.id, ("icon", "💬", "⛵"), **sure)
        await draft("topic", one.id, ("description", "", "Коли"), **sure)
        await draft("topic", other.id, ("name", "Дизайн", "випуск"), ("icon", "💬", "🎨"), **sure)
        await draft("topic", other.id, ("colour", "#64748b", "#000000"), confidence=0.9, similarity=0.5)
        await draft("topic", other.id, ("colour", "#64748b", "#111111"), confidence=0.9)
        made = await rule(applies_to="topic_version", min_similarity=0.9)
        first, second = await apply_rule(made.id), await apply_rule(made.id)
        versions = (await page_of_versions(ListVersions(entity="topic"))).items
        return (
            first,
            second,
            versions,
            await topic_now(one.id),
            await topic_now(other.id),
            await rule_now(made.id),
        )

    first, second, versions, one, other, now = review(scenario)
    assert first == {"approved": 2, "skipped": 2}
    assert second == {"approved": 0, "skipped": 2}
    assert [each.status for each in reversed(versions)] == [
        "approved",
        "draft",
        "approved",
        "draft",
        "draft",
        "draft",
    ]
    assert (one.icon, one.description, one.version, one.drafts) == ("🚀", "Коли", 4, 1)
    assert (other.name, other.icon, other.drafts) == ("Дизайн", "💬", 3)
    assert (versions[-1].rule_id, versions[-1].reviewed_by) == (now.id, None)
    assert now.approved == 2


def test_more_drafts_than_a_batch_are_all_looked_at_once(review: Run) -> None:
    async def scenario() -> Any:
        made = await atom()
        for number in range(130):
            before = made.title if number % 2 else "Інше"
            await draft("atom", made.id, ("title", before, made.title), confidence=0.9)
        await rule(applies_to="topic_version", min_confidence=0.0)
        of_others = await rule("Інші", applies_to="atom_version", atom_types=["insight"])
        none = await apply_rule(of_others.id)
        fitting = await rule("Рішення", applies_to="atom_version", atom_types=["decision"])
        return none, await apply_rule(fitting.id)

    assert review(scenario) == ({"approved": 0, "skipped": 0}, {"approved": 130, "skipped": 0})


def test_two_runs_at_once_approve_each_once(review: Run) -> None:
    async def scenario() -> tuple[Any, ...]:
        await found(1200)
        one = await topic("Реліз")
        for number in range(20):
            await draft("topic", one.id, ("icon", "💬", "🚀"), confidence=0.9, reason=f"{number}")
        atoms, drafts = await rule(), await rule("Зміни", applies_to="topic_version")
        done = await asyncio.gather(*(apply_rule(each.id) for each in (atoms, drafts, atoms, drafts)))
        changes = await rows("SELECT change, count(*) FROM knowledge.changes WHERE entity_id > 0 GROUP BY 1")
        return [each["approved"] for each in done], changes

    approved, changes = review(scenario)
    assert approved[0] + approved[2] == 1200
    assert approved[1] + approved[3] == 20
    assert dict(changes) == {"created": 1, "reviewed": 1200, "edited": 20}


def test_what_was_saved_without_knowing_of_the_rule_is_approved_too(review: Run) -> None:
    async def scenario() -> tuple[Any, Any]:
        async with transaction() as tx:
            await lock_merging(tx)
            known = await rules_that_decide(tx)
            made = await rule()
            applying = asyncio.create_task(apply_rule(made.id))
            await waits_for_a_lock()
            await tx.execute(
                text(
                    "INSERT INTO knowledge.atoms (type, title, content, status, confidence)"
                    " VALUES ('insight', 'а', 'б', 'needs_review', 0.9)"
                )
            )
        return known, await applying

    assert review(scenario) == ([], {"approved": 1, "skipped": 0})


async def waits_for_a_lock() -> None:
    """Wait until some transaction waits for a lock that another one holds."""
    async with asyncio.timeout(20):
        while not (await rows("SELECT count(*), pg_sleep(0.01) FROM pg_locks WHERE NOT granted"))[0][0]:
            pass


def test_there_are_no_more_rules_than_one_answer_holds(review: Run) -> None:
    async def scenario() -> tuple[Any, ...]:
        first = await rule()
        for number in range(1, MOST_RULES):
            await rule(f"Правило {number}", enabled=False)
        body = await refused(rule("Зайве"))
        again = await rule(rule_id=first.id)
        return body, again.id == first.id, len(await every_rule(ListRules()))

    body, is_first, count = review(scenario)
    assert (body.code, is_first, count) == ("conflict", True, MOST_RULES)
    assert "delete one" in body.message
