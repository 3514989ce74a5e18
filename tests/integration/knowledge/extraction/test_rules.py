"""Automation rules approve what an extraction makes and proposes, when it is sure enough."""

from typing import Any
from uuid import UUID

from services.knowledge.reviews.rules import create_rule
from services.knowledge.reviews.versions import page_of_versions
from shared.contracts.revisions import CreateRule, ListVersions
from tests.integration.knowledge.extraction.answers import answering, atom, atom_is, lines, of_these, topic
from tests.integration.knowledge.extraction.stage import Stage
from tests.integration.knowledge.extraction.talk import atoms, extracted, first_line, say, topics, twice


async def rule(number: int, applies_to: Any, confidence: float, **fields: Any) -> UUID:
    query = CreateRule(
        rule_id=UUID(int=number),
        name=f"{applies_to} {number}",
        applies_to=applies_to,
        min_confidence=confidence,
        by="Олена",
        **fields,
    )
    return (await create_rule(query)).id


def test_sure_atoms_and_topics_are_approved_in_the_rules_name(stage: Stage) -> None:
    say(stage)

    def unsure(request: Any) -> Any:
        first, second, *_ = lines(request)
        return of_these(
            atom(first, confidence=0.9),
            atom(second, confidence=0.7),
            atom(second, kind="problem", content="Обробник падає.", confidence=0.95),
            topics=[topic(confidence=0.6)],
        )

    stage.llm.chat.always(answering(unsure))

    async def scenario() -> tuple[Any, ...]:
        made = [await rule(1, "topic", 0.6), await rule(2, "atom", 0.8, atom_types=["insight"])]
        await extracted(stage)
        return made, await topics(), await atoms()

    (topic_rule, atom_rule), (only,), found = stage.run(scenario)
    assert (only.status, only.rule_id, only.reviewed_by) == ("approved", topic_rule, None)
    assert [(each.status, each.rule_id) for each in found] == [
        ("approved", atom_rule),
        ("needs_review", None),
        ("needs_review", None),
    ]


def test_draft_that_is_sure_and_near_enough_holds_at_once(stage: Stage) -> None:
    fuller = "Черга стоїть годину, бо обробнику бракує пам'яті."
    stage.llm.chat.always(answering(first_line(content="Черга стоїть годину.")))

    async def scenario() -> tuple[Any, ...]:
        made = await rule(3, "atom_version", 0.8, min_similarity=0.2)
        await twice(
            stage,
            extract=first_line(content="Черга стоїть годину через пам'ять."),
            atoms=atom_is("refines", "Черга стоїть", content=fuller),
        )
        return made, await atoms(), (await page_of_versions(ListVersions())).items

    made, (only,), (version,) = stage.run(scenario)
    assert (only.content, only.version, only.drafts) == (fuller, 2, 0)
    assert (version.status, version.rule_id, version.reviewed_by) == ("approved", made, None)


def test_decision_that_a_rule_approves_ends_the_approved_one_that_it_replaces(stage: Stage) -> None:
    stage.llm.chat.always(answering(first_line(kind="decision", content="Перезапуск о 3:00 щоночі.")))

    async def scenario() -> list[Any]:
        await rule(4, "atom", 0.5)
        await twice(
            stage,
            extract=first_line(kind="decision", content="Перезапуск о 5:00 щоночі."),
            atoms=atom_is("supersedes", "Перезапуск о 3:00"),
        )
        return await atoms()

    ended, holds = stage.run(scenario)
    assert (ended.status, holds.status) == ("approved", "approved")
    assert (ended.superseded_by, ended.valid_to) == (holds.id, holds.valid_from)
