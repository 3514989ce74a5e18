"""What all changes of the configuration share: one at a time, and who made them."""

from collections.abc import Iterable
from typing import Literal
from uuid import UUID

from sqlalchemy import func, insert, select

from services.analysis.tables import ConfigurationChange
from shared.messaging.transaction import Transaction
from shared.telemetry import current_run_id

Entity = Literal["provider", "agent", "project", "task_config", "assignment"]

_LOCK = "analysis configuration"


async def lock_configuration(tx: Transaction) -> None:
    """Wait until no other transaction changes the configuration, and keep others out until this one ends.

    Such changes are rare and short. One at a time, what a change looked at still holds when it commits: that
    no other has the name, that nothing uses what is deleted, which agent is active.
    """
    await tx.execute(select(func.pg_advisory_xact_lock(func.hashtext(_LOCK))))


async def note_change(  # noqa: PLR0913 - a row has as many columns
    tx: Transaction,
    entity: Entity,
    entity_id: UUID,
    name: str,
    *,
    action: Literal["created", "changed", "deleted"],
    fields: Iterable[str] = (),
    changed_by: str | None,
) -> None:
    """Keep who changed which fields, within the present run."""
    await tx.execute(
        insert(ConfigurationChange).values(
            entity=entity,
            entity_id=entity_id,
            name=name,
            action=action,
            fields=sorted(fields),
            changed_by=changed_by,
            run_id=current_run_id(),
            changed_at=func.now(),
        )
    )
