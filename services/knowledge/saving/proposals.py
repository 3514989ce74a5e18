"""What an extraction only proposes: changes of what is known, and decisions in the place of earlier ones."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Row

from services.knowledge.atom_plans import AtomPlan
from services.knowledge.changing import approve
from services.knowledge.diffs import changes_between
from services.knowledge.matching import Plan
from services.knowledge.repository.atoms import decision_of, lock_atoms, settle_supersession
from services.knowledge.repository.saving import is_proposed, propose_successor
from services.knowledge.repository.topics import lock_topics
from services.knowledge.repository.versions import add_version
from services.knowledge.rules import decide
from services.knowledge.saving.atoms import Saved
from services.knowledge.saving.work import Work
from services.knowledge.supersession import is_later
from services.knowledge.topic_plans import TopicPlan
from shared.contracts.knowledge import EntityChanged, EntityKind
from shared.contracts.revisions import VersionCreated


async def propose_changes(work: Work, plan: Plan) -> None:
    """Keep as drafts what the conversation would change of known topics and atoms, each draft once."""
    for topic in plan.topics:
        if topic.known is not None and topic.description is not None:
            await _propose_topic(work, topic, topic.known.id)
    for atom in plan.atoms:
        if atom.same is not None and atom.same.content is not None:
            await _propose_atom(work, atom)


async def propose_successors(work: Work, plans: Sequence[AtomPlan], saved: Sequence[Saved]) -> None:
    """Let later decisions replace the earlier ones that they contradict, once a person has approved both."""
    pairs = [
        (atom.id, each.known.id)
        for plan, atom in zip(plans, saved, strict=True)
        for each in plan.links
        if each.relation in ("supersedes", "contradicts")
        and plan.found.type == each.known.type == "decision"
        and atom.id != each.known.id
    ]
    rows = await lock_atoms(work.tx, sorted({atom_id for pair in pairs for atom_id in pair}))
    for later, earlier in pairs:
        if is_later(decision_of(rows[later]), decision_of(rows[earlier])):
            await propose_successor(work.tx, earlier, later)
    for atom_id in await settle_supersession(work.tx, sorted(rows)) if rows else ():
        work.tx.publish(EntityChanged(entity="atom", entity_id=atom_id, change="superseded"))


async def _propose_topic(work: Work, plan: TopicPlan, topic_id: int) -> None:
    row = (await lock_topics(work.tx, [topic_id]))[topic_id]
    await _draft(
        work,
        "topic",
        row,
        {"description": plan.description},
        confidence=plan.confidence,
        similarity=plan.similarity,
    )


async def _propose_atom(work: Work, plan: AtomPlan) -> None:
    refined = plan.same
    if refined is None:
        return
    row = (await lock_atoms(work.tx, [refined.known.id]))[refined.known.id]
    after = {"content": refined.content} | ({"title": refined.title} if refined.title is not None else {})
    await _draft(
        work,
        "atom",
        row,
        after,
        confidence=min(refined.confidence, plan.found.confidence),
        similarity=refined.similarity,
        reason=refined.reason,
    )


async def _draft(  # noqa: PLR0913 - what a draft consists of
    work: Work,
    entity: EntityKind,
    row: Row[Any],
    after: Mapping[str, Any],
    *,
    confidence: float,
    similarity: float | None,
    reason: str = "",
) -> None:
    changes = changes_between(entity, {field: getattr(row, field) for field in after}, after)
    if not changes or await is_proposed(work.tx, entity, row.id, changes):
        return
    version = await add_version(
        work.tx,
        entity,
        row.id,
        changes,
        reason=reason,
        confidence=confidence,
        similarity=similarity,
        run_id=work.run.id,
    )
    work.counts["versions_created"] += 1
    rule = decide(
        work.rules,
        "topic_version" if entity == "topic" else "atom_version",
        confidence=confidence,
        similarity=similarity,
        atom_type=row.type if entity == "atom" else None,
    )
    if rule is not None:
        version = await approve(work.tx, version, row, by=None, rule_id=rule.id)
    work.tx.publish(VersionCreated(version=version))
