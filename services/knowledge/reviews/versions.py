"""What knowledge answers about versions."""

from services.knowledge.again import again_after_deadlock
from services.knowledge.changing import approve, reject
from services.knowledge.paging import ById, cut
from services.knowledge.repository.atoms import lock_atoms
from services.knowledge.repository.atoms import merged_away as atom_merged_away
from services.knowledge.repository.topics import lock_topics
from services.knowledge.repository.topics import merged_away as topic_merged_away
from services.knowledge.repository.versions import list_versions, version_record
from shared.contracts.errors import QueryError
from shared.contracts.revisions import ListVersions, ReviewVersion, VersionPage, VersionRecord
from shared.database.cursors import read_cursor, write_cursor
from shared.messaging.transaction import transaction


async def page_of_versions(query: ListVersions) -> VersionPage:
    """Versions, newest first."""
    if query.entity_id is not None and query.entity is None:
        raise QueryError("invalid", "Say whether this is the id of a topic or an atom.", field="entity")
    before = read_cursor(query.cursor, ById)
    async with transaction() as tx:
        found = await list_versions(tx, query, before.id if before else None)
    page, more = cut(found, query.limit)
    return VersionPage(items=page, next_cursor=write_cursor(ById(page[-1].id)) if more else None)


@again_after_deadlock
async def review_version(query: ReviewVersion) -> VersionRecord:
    """Approve a draft or reject it; of several people who decide at once the first does."""
    async with transaction() as tx:
        found = await version_record(tx, query.version_id)
        lock = lock_topics if found.entity == "topic" else lock_atoms
        row = (await lock(tx, [found.entity_id]))[found.entity_id]
        # Read again, now that nobody else can decide.
        version = await version_record(tx, query.version_id)
        if version.status != "draft":
            return _decided_already(version, query)
        if not query.approve:
            return await reject(tx, version, by=query.by)
        if row.merged_into is not None:
            raise topic_merged_away(row) if found.entity == "topic" else atom_merged_away(row)
        return await approve(tx, version, row, by=query.by)


def _decided_already(version: VersionRecord, query: ReviewVersion) -> VersionRecord:
    wanted = "approved" if query.approve else "rejected"
    if version.status == wanted and version.reviewed_by == query.by:
        return version
    who = version.reviewed_by or "an automation rule"
    raise QueryError(
        "conflict",
        f"Version {version.number} of {version.entity} {version.entity_id} was {version.status} by {who}"
        " already.",
    )
