"""What knowledge answers about who changed what."""

from services.knowledge.paging import ById, cut
from services.knowledge.repository.changes import list_changes
from shared.contracts.errors import QueryError
from shared.contracts.revisions import ChangePage, ListChanges
from shared.database.cursors import read_cursor, write_cursor
from shared.messaging.transaction import transaction


async def page_of_changes(query: ListChanges) -> ChangePage:
    """What people and automation rules changed, newest first."""
    if query.entity_id is not None and query.entity is None:
        raise QueryError("invalid", "Say whether this is the id of a topic or an atom.", field="entity")
    before = read_cursor(query.cursor, ById)
    async with transaction() as tx:
        found = await list_changes(tx, query, before.id if before else None)
    page, more = cut(found, query.limit)
    return ChangePage(items=page, next_cursor=write_cursor(ById(page[-1].id)) if more else None)
