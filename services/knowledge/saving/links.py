"""Saving links: those that the conversation says, and those to what is known."""

from collections.abc import Mapping, Sequence

from services.knowledge.atom_plans import AtomPlan
from services.knowledge.matches import Relation
from services.knowledge.repository.saving import make_link
from services.knowledge.saving.atoms import Saved
from services.knowledge.saving.work import Work
from services.knowledge.verification import Found
from shared.contracts.atoms import LinkType
from shared.contracts.knowledge import EntityChanged

_TYPES: Mapping[Relation, LinkType] = {
    "refines": "refines",
    "contradicts": "contradicts",
    "supersedes": "contradicts",
    "solves": "solves",
}


async def save_links(work: Work, found: Found, plans: Sequence[AtomPlan], saved: Sequence[Saved]) -> None:
    """Link atoms; what is linked so already stays as it is."""
    wanted = [
        (each.type, saved[each.source].id, saved[each.target].id, each.strength) for each in found.links
    ]
    for plan, atom in zip(plans, saved, strict=True):
        wanted += [(_TYPES[each.relation], atom.id, each.known.id, each.confidence) for each in plan.links]
    for kind, source, target, strength in wanted:
        if source == target:
            continue
        if await make_link(work.tx, kind, source, target, strength=strength, run_id=work.run.id):
            work.counts["links_created"] += 1
            for end in {source, target} - work.new_atoms:
                work.tx.publish(EntityChanged(entity="atom", entity_id=end, change="linked"))
