"""What knowledge answers about links between atoms."""

from typing import Any

from services.knowledge.again import again_after_deadlock
from services.knowledge.announcing import announce
from services.knowledge.repository.atom_records import atom_record
from services.knowledge.repository.atoms import lock_living_atoms
from services.knowledge.repository.links import delete_link, keep_link, list_links
from shared.contracts.atoms import CreateLink, DeleteLink, LinkRecord, ListLinks
from shared.contracts.errors import QueryError
from shared.messaging.transaction import transaction


async def links_of_atom(query: ListLinks) -> list[LinkRecord]:
    """The links from and to an atom, strongest first."""
    async with transaction() as tx:
        await atom_record(tx, query.atom_id)
        return await list_links(tx, query.atom_id)


@again_after_deadlock
async def create_link(query: CreateLink) -> LinkRecord:
    """Link two atoms; asked a second time it changes nothing but the strength."""
    if query.from_atom == query.to_atom:
        raise QueryError("invalid", "An atom cannot be linked to itself.", field="to_atom")
    async with transaction() as tx:
        ends = {query.from_atom: "from_atom", query.to_atom: "to_atom"}
        await lock_living_atoms(tx, list(ends), fields=ends)
        link = await keep_link(tx, query)
        details: dict[str, Any] = {"from_atom": link.from_atom, "to_atom": link.to_atom, "type": link.type}
        details |= {"strength": link.strength}
        await announce(tx, "atom", list(ends), "linked", by=query.by, details=details)
        return link


@again_after_deadlock
async def remove_link(query: DeleteLink) -> None:
    """Delete a link; asked a second time it changes nothing."""
    async with transaction() as tx:
        link = await delete_link(tx, query.link_id)
        if link is not None:
            details = {"from_atom": link.from_atom, "to_atom": link.to_atom, "type": link.type}
            ends = [link.from_atom, link.to_atom]
            await announce(tx, "atom", ends, "unlinked", by=query.by, details=details)
