"""What follows from every change by a person or a rule: the log, the event, and that search follows."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from services.knowledge.repository.changes import add_changes
from shared.contracts.embedding import EmbedAtomsBatch, EmbedTopicsBatch
from shared.contracts.knowledge import Change, EntityChanged, EntityKind
from shared.messaging.transaction import Transaction

_LARGEST_BATCH = 10_000


async def announce(  # noqa: PLR0913 - what a change consists of
    tx: Transaction,
    entity: EntityKind,
    entity_ids: Sequence[int],
    change: Change,
    *,
    by: str | None,
    rule_id: UUID | None = None,
    details: Mapping[str, Any] | None = None,
) -> None:
    """Log the same change of several topics or atoms, tell of each, and have search read them again."""
    await add_changes(tx, entity, entity_ids, change, by=by, rule_id=rule_id, details=details)
    for entity_id in entity_ids:
        tx.publish(EntityChanged(entity=entity, entity_id=entity_id, change=change, by=by))
    if change not in ("linked", "unlinked"):
        refresh_search(tx, entity, entity_ids)


def refresh_search(tx: Transaction, entity: EntityKind, entity_ids: Sequence[int]) -> None:
    """Have search read these again: what they say, where they belong, and whether they are hidden."""
    for start in range(0, len(entity_ids), _LARGEST_BATCH):
        batch = list(entity_ids[start : start + _LARGEST_BATCH])
        tx.send(EmbedTopicsBatch(topic_ids=batch) if entity == "topic" else EmbedAtomsBatch(atom_ids=batch))
