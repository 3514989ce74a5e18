"""Saving atoms: new ones, and duplicates, whose quotes go over to the atom that they are."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from services.knowledge.announcing import refresh_search
from services.knowledge.atom_merges import merge_atoms
from services.knowledge.atom_plans import AtomPlan
from services.knowledge.repository.citations import add_citations
from services.knowledge.repository.memberships import put_into_topics
from services.knowledge.repository.saving import cited_by, make_atom
from services.knowledge.rules import decide
from services.knowledge.saving.work import Work
from shared.contracts.knowledge import EntityChanged

_ATOMS_OF_A_PART = 1000
"""More than one answer may have: an atom's place in its run is that of its conversation, times this."""


@dataclass(frozen=True, slots=True)
class Saved:
    """Where a found atom has got to; `said_at` is when its latest quote was said."""

    id: int
    said_at: datetime


async def save_atoms(work: Work, plans: Sequence[AtomPlan], topics: Mapping[str, int | None]) -> list[Saved]:
    """Save the atoms of a conversation; a duplicate that has no new quote leaves nothing behind.

    Args:
        work: The conversation.
        plans: What becomes of each atom.
        topics: Ids of topics by the names that they were found under.

    Returns:
        Each atom's, in their order: of a duplicate, the one that it is.
    """
    cited = await cited_by(work.tx, {plan.same.known.id for plan in plans if plan.same is not None})
    saved: list[Saved] = []
    for place, plan in enumerate(plans):
        quotes = {(message.id, words) for message, words in work.quotes(plan.found)}
        said_at = max(message.sent_at for message, _ in work.quotes(plan.found))
        if plan.same is None:
            atom_id = await _make(work, plan, place, topics[plan.found.topic], said_at)
            saved.append(Saved(atom_id, said_at))
            continue
        saved.append(Saved(plan.same.known.id, said_at))
        if not quotes <= cited[plan.same.known.id]:
            await _merge(work, plan, place, topics[plan.found.topic], said_at)
            cited[plan.same.known.id] |= quotes
    made = sorted(work.new_atoms)
    for atom_id in made:
        work.tx.publish(EntityChanged(entity="atom", entity_id=atom_id, change="created"))
    if made:
        refresh_search(work.tx, "atom", made)
    return saved


async def _make(work: Work, plan: AtomPlan, place: int, topic_id: int | None, said_at: datetime) -> int:
    found = plan.found
    rule = decide(work.rules, "atom", confidence=found.confidence, atom_type=found.type)
    atom_id = await _keep(
        work,
        plan,
        place,
        topic_id,
        said_at,
        status="needs_review" if rule is None else "approved",
        rule_id=rule.id if rule is not None else None,
        reviewed_at=datetime.now(UTC) if rule is not None else None,
    )
    work.counts["atoms_created"] += 1
    work.new_atoms.add(atom_id)
    return atom_id


async def _merge(work: Work, plan: AtomPlan, place: int, topic_id: int | None, said_at: datetime) -> None:
    """Keep a duplicate as an atom that was merged away, so that a person can take the merge back."""
    if plan.same is None:
        return
    atom_id = await _keep(work, plan, place, topic_id, said_at, status="needs_review")
    await merge_atoms(
        work.tx,
        plan.same.known.id,
        atom_id,
        by=None,
        similarity=plan.same.similarity,
        run_id=work.run.id,
    )
    work.counts["atoms_merged"] += 1


async def _keep(
    work: Work,
    plan: AtomPlan,
    place: int,
    topic_id: int | None,
    said_at: datetime,
    **reviewed: object,
) -> int:
    found = plan.found
    atom_id = await make_atom(
        work.tx,
        type=found.type,
        title=found.title,
        content=found.content,
        confidence=found.confidence,
        meta={},
        valid_from=said_at if found.type == "decision" else None,
        run_id=work.run.id,
        place=work.part.messages[0].id * _ATOMS_OF_A_PART + place,
        basic_mode=work.run.basic_mode,
        **reviewed,
    )
    await add_citations(work.tx, atom_id, work.quotes(found))
    if topic_id is not None:
        await put_into_topics(work.tx, [(topic_id, atom_id)])
    return atom_id
