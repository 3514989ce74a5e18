"""Making a change hold: the fields that a version changes, on the topic or atom that it is of."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Row

from services.knowledge.announcing import announce
from services.knowledge.diffs import FIELDS, changes_between, outcome, outdated
from services.knowledge.repository.atoms import change_atoms, superseded_atoms
from services.knowledge.repository.citations import quoted_messages
from services.knowledge.repository.memberships import (
    derive_messages,
    put_into_topics,
    take_out_of_topics,
    topics_of,
)
from services.knowledge.repository.topics import change_topic, lock_living_topics
from services.knowledge.repository.versions import add_version, decide_version
from shared.contracts.errors import QueryError
from shared.contracts.knowledge import EntityKind
from shared.contracts.revisions import FieldChange, VersionCreated, VersionRecord
from shared.messaging.transaction import Transaction


def check_version(entity: EntityKind, row: Row[Any], seen: int | None) -> None:
    """Refuse a change that was made on another version than the row has; None is one that was made on none.

    Raises:
        QueryError: `conflict` at `version`.
    """
    if seen is not None and seen != row.version:
        raise QueryError(
            "conflict",
            f"The {entity} {row.id} was changed meanwhile: it has version {row.version}, and the change was"
            f" made on {seen}. Look at it again.",
            field="version",
        )


async def edit(
    tx: Transaction, entity: EntityKind, row: Row[Any], after: Mapping[str, Any], *, by: str
) -> None:
    """Let a person's change hold at once, as an approved version; what changes nothing leaves no trace.

    Args:
        tx: The transaction that has locked the row.
        entity: What the row is of.
        row: The topic or the atom.
        after: Some or all fields as they shall be.
        by: Who changes it.

    Raises:
        QueryError: `conflict` or `invalid` with the field that cannot be what it shall be.
    """
    changes = changes_between(entity, await _state(tx, entity, row, after), after)
    if not changes:
        return
    version = await add_version(tx, entity, row.id, changes, status="approved", created_by=by)
    await _make_hold(tx, entity, row, changes, number=version.number)
    tx.publish(VersionCreated(version=version))
    await announce(tx, entity, [row.id], "edited", by=by, details={"version": version.number})


async def approve(
    tx: Transaction, version: VersionRecord, row: Row[Any], *, by: str | None, rule_id: UUID | None = None
) -> VersionRecord:
    """Let a draft's changes hold, in the name of a person or of a rule.

    Args:
        tx: The transaction that has locked the row.
        version: The draft.
        row: The topic or the atom that it is of.
        by: The person, if it was one.
        rule_id: The rule, if it was one.

    Raises:
        QueryError: `conflict`, with the field that has changed since or cannot be what it shall be.
    """
    state = await _state(tx, version.entity, row, outcome(version.changes))
    late = outdated(version.changes, state)
    if late is not None:
        raise QueryError(
            "conflict",
            f"The {late.field} of {version.entity} {row.id} has changed since version {version.number} was"
            f" written: reject it, and change the {version.entity} itself.",
            field=late.field,
        )
    await _make_hold(tx, version.entity, row, version.changes, number=max(version.number, row.version))
    decided = await decide_version(tx, version, "approved", by=by, rule_id=rule_id)
    details = {"version": version.number, "status": "approved"}
    await announce(tx, version.entity, [row.id], "edited", by=by, rule_id=rule_id, details=details)
    return decided


async def reject(tx: Transaction, version: VersionRecord, *, by: str) -> VersionRecord:
    """Decide against a draft; it is kept."""
    decided = await decide_version(tx, version, "rejected", by=by)
    details = {"version": version.number, "status": "rejected"}
    await announce(tx, version.entity, [version.entity_id], "reviewed", by=by, details=details)
    return decided


async def _state(
    tx: Transaction, entity: EntityKind, row: Row[Any], fields: Collection[str]
) -> dict[str, Any]:
    """The fields that a version can change, as they are: at least those that are asked for."""
    state = {field: getattr(row, field) for field in FIELDS[entity] if field != "topics"}
    return state | {"topics": await topics_of(tx, row.id)} if "topics" in fields else state


async def _make_hold(
    tx: Transaction, entity: EntityKind, row: Row[Any], changes: Sequence[FieldChange], *, number: int
) -> None:
    values = outcome(changes)
    if entity == "topic":
        await change_topic(tx, row.id, version=number, **values)
        return
    topics = values.pop("topics", None)
    if "type" in values:
        values |= await _new_validity(tx, row, values["type"])
    await change_atoms(tx, [row.id], version=number, **values)
    if topics is not None:
        await _change_topics(tx, row.id, set(topics))


async def _new_validity(tx: Transaction, row: Row[Any], new_type: str) -> dict[str, Any]:
    """What becomes of an atom's validity with its type: only decisions have one."""
    if row.type == "decision" and (row.superseded_by is not None or await superseded_atoms(tx, row.id)):
        raise QueryError(
            "conflict",
            f"Decision {row.id} supersedes another one or is superseded: take that back before it becomes"
            f" a {new_type}.",
            field="type",
        )
    _, last_said = await quoted_messages(tx, row.id)
    return {"valid_from": last_said if new_type == "decision" else None, "valid_to": None}


async def _change_topics(tx: Transaction, atom_id: int, wanted: set[int]) -> None:
    present = set(await topics_of(tx, atom_id))
    changed = sorted(wanted ^ present)
    await lock_living_topics(tx, changed, fields=dict.fromkeys(changed, "topic_ids"))
    await put_into_topics(tx, [(topic_id, atom_id) for topic_id in sorted(wanted - present)])
    await take_out_of_topics(tx, [(topic_id, atom_id) for topic_id in sorted(present - wanted)])
    messages, _ = await quoted_messages(tx, atom_id)
    await derive_messages(tx, wanted ^ present, messages)
