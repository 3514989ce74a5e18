"""What knowledge answers about atoms."""

import msgspec

from services.knowledge.again import again_after_deadlock
from services.knowledge.announcing import announce
from services.knowledge.changing import check_version, edit
from services.knowledge.given import one_line, some_lines
from services.knowledge.paging import cut
from services.knowledge.quoting import verified_quotes
from services.knowledge.repository.atom_records import atom_record, atom_records, list_atoms
from services.knowledge.repository.atoms import insert_atom, lock_living_atoms
from services.knowledge.repository.citations import add_citations
from services.knowledge.repository.memberships import derive_messages, put_into_topics
from services.knowledge.repository.topics import lock_living_topics
from shared.contracts.atoms import AtomPage, AtomRecord, CreateAtom, EditAtom, GetAtom, GetAtoms, ListAtoms
from shared.database.cursors import TimeAndId, read_cursor, write_cursor
from shared.messaging.transaction import transaction


async def page_of_atoms(query: ListAtoms) -> AtomPage:
    """Atoms, newest first."""
    after = read_cursor(query.cursor, TimeAndId)
    async with transaction() as tx:
        found = await list_atoms(tx, query, after)
    page, more = cut(found, query.limit)
    cursor = write_cursor(TimeAndId(page[-1].created_at, page[-1].id)) if more else None
    return AtomPage(items=page, next_cursor=cursor)


async def find_atom(query: GetAtom) -> AtomRecord:
    """One atom, also one that was merged away."""
    async with transaction() as tx:
        return await atom_record(tx, query.atom_id)


async def find_atoms(query: GetAtoms) -> list[AtomRecord]:
    """The first of these atoms, in id order, as many as fit into one answer."""
    async with transaction() as tx:
        found = await atom_records(tx, query.atom_ids)
    page, _ = cut(found, len(found))
    return page


@again_after_deadlock
async def create_atom(query: CreateAtom) -> AtomRecord:
    """Make an atom of a person's, which is approved from the start; its quotes are verified first."""
    atom = msgspec.structs.replace(
        query, title=one_line(query.title, "title"), content=some_lines(query.content, "content")
    )
    quotes = await verified_quotes(query.quotes)
    topic_ids = sorted(set(query.topic_ids))
    since = max(message.sent_at for message, _ in quotes) if query.type == "decision" else None
    async with transaction() as tx:
        atom_id = await insert_atom(tx, atom, valid_from=since)
        await add_citations(tx, atom_id, quotes)
        await lock_living_topics(tx, topic_ids, fields=dict.fromkeys(topic_ids, "topic_ids"))
        await put_into_topics(tx, [(topic_id, atom_id) for topic_id in topic_ids])
        await derive_messages(tx, topic_ids, {message.id for message, _ in quotes})
        await announce(tx, "atom", [atom_id], "created", by=query.by)
        return await atom_record(tx, atom_id)


@again_after_deadlock
async def edit_atom(query: EditAtom) -> AtomRecord:
    """Let a person's change hold at once; asked a second time it changes nothing."""
    after = {
        field: value
        for name, field in {
            "type": "type",
            "title": "title",
            "content": "content",
            "topic_ids": "topics",
        }.items()
        if (value := getattr(query, name)) is not msgspec.UNSET
    }
    if "title" in after:
        after["title"] = one_line(after["title"], "title")
    if "content" in after:
        after["content"] = some_lines(after["content"], "content")
    async with transaction() as tx:
        atoms = await lock_living_atoms(tx, [query.atom_id])
        check_version("atom", atoms[query.atom_id], query.version)
        await edit(tx, "atom", atoms[query.atom_id], after, by=query.by)
        return await atom_record(tx, query.atom_id)
