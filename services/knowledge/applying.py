"""Applying an automation rule to what waits already, a batch a transaction."""

from typing import NamedTuple
from uuid import UUID

from services.knowledge.announcing import announce
from services.knowledge.changing import approve
from services.knowledge.repository.atoms import approve_waiting_atoms, lock_atoms, settle_supersession
from services.knowledge.repository.merges import lock_merging
from services.knowledge.repository.rules import lock_rule
from services.knowledge.repository.topics import approve_waiting_topics, lock_topics
from services.knowledge.repository.versions import version_records, waiting_drafts
from shared.contracts.errors import QueryError
from shared.contracts.knowledge import EntityKind
from shared.contracts.revisions import RuleRecord
from shared.messaging.transaction import Transaction, transaction

_ENTITIES = 500
_DRAFTS = 50


class _Batch(NamedTuple):
    """What came of one batch; `through` is the last draft of it, None when it was the last batch."""

    approved: int
    skipped: int
    through: int | None


async def apply_rule(rule_id: UUID) -> dict[str, int]:
    """Approve what waits and the rule approves; ends when the rule is disabled or deleted meanwhile.

    Returns:
        How many were approved, and how many could not be.
    """
    approved, skipped = 0, 0
    through: int | None = 0
    while through is not None:
        async with transaction() as tx:
            # An extraction that saves without knowing of the rule has committed by then, or will know of it.
            await lock_merging(tx)
            rule = await lock_rule(tx, rule_id)
            if rule is None or not rule.enabled:
                break
            batch = await _apply_once(tx, rule, through)
        approved, skipped, through = approved + batch.approved, skipped + batch.skipped, batch.through
    return {"approved": approved, "skipped": skipped}


async def _apply_once(tx: Transaction, rule: RuleRecord, after_id: int) -> _Batch:
    if rule.applies_to == "topic":
        return await _approve_new(tx, rule, "topic", await approve_waiting_topics(tx, rule, _ENTITIES))
    if rule.applies_to == "atom":
        return await _approve_new(tx, rule, "atom", await approve_waiting_atoms(tx, rule, _ENTITIES))
    return await _approve_drafts(tx, rule, after_id)


async def _approve_new(tx: Transaction, rule: RuleRecord, entity: EntityKind, ids: list[int]) -> _Batch:
    details = {"status": "approved", "was": "needs_review"}
    await announce(tx, entity, ids, "reviewed", by=None, rule_id=rule.id, details=details)
    if entity == "atom":
        settled = await settle_supersession(tx, ids)
        await announce(tx, "atom", settled, "superseded", by=None, rule_id=rule.id)
    return _Batch(len(ids), 0, None if len(ids) < _ENTITIES else 0)


async def _approve_drafts(tx: Transaction, rule: RuleRecord, after_id: int) -> _Batch:
    drafts = await waiting_drafts(tx, rule, after_id=after_id, most=_DRAFTS)
    lock = lock_topics if rule.applies_to == "topic_version" else lock_atoms
    rows = await lock(tx, [entity_id for _, entity_id in drafts])
    # Read when nobody else can decide any more.
    versions = await version_records(tx, [version_id for version_id, _ in drafts])
    approved = 0
    for version in versions:
        row = rows[version.entity_id]
        if version.status != "draft" or row.merged_into is not None:
            continue
        try:
            async with tx.connection.begin_nested():
                await approve(tx, version, row, by=None, rule_id=rule.id)
        except QueryError:
            continue
        rows |= await lock(tx, [row.id])
        approved += 1
    through = drafts[-1][0] if len(drafts) == _DRAFTS else None
    return _Batch(approved, len(drafts) - approved, through)
