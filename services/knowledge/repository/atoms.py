"""Atoms: kept, locked, changed, reviewed."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, Row, Text, bindparam, func, select, text, update
from sqlalchemy.dialects.postgresql import ARRAY, insert

from services.knowledge.supersession import Decision
from services.knowledge.tables import Atom
from shared.contracts.atoms import CreateAtom
from shared.contracts.errors import QueryError, not_found
from shared.contracts.knowledge import ReviewStatus
from shared.contracts.revisions import RuleRecord
from shared.messaging.transaction import Transaction

_APPROVE_WAITING = text(
    """
    WITH batch AS (
        SELECT id FROM knowledge.atoms
        WHERE status = 'needs_review' AND merged_into IS NULL AND reviewed_by IS NULL
            AND confidence >= :confidence AND (:types = '{}' OR type = ANY(:types))
        ORDER BY id LIMIT :most FOR NO KEY UPDATE
    )
    UPDATE knowledge.atoms
    SET status = 'approved', rule_id = :rule_id, reviewed_at = now(), updated_at = now()
    FROM batch WHERE atoms.id = batch.id RETURNING atoms.id
    """
).bindparams(bindparam("types", type_=ARRAY(Text)))
_SETTLE = text(
    """
    WITH affected AS (
        SELECT unnest(:ids) AS id
        UNION SELECT id FROM knowledge.atoms WHERE superseded_by = ANY(:ids)
    ), settled AS (
        SELECT earlier.id, CASE
            WHEN earlier.status = 'approved' AND later.status = 'approved' AND later.merged_into IS NULL
            THEN greatest(coalesce(later.valid_from, later.created_at), earlier.valid_from)
        END AS valid_to
        FROM knowledge.atoms earlier JOIN affected USING (id)
            LEFT JOIN knowledge.atoms later ON later.id = earlier.superseded_by
    )
    UPDATE knowledge.atoms SET valid_to = settled.valid_to, updated_at = now()
    FROM settled WHERE settled.id = atoms.id AND atoms.valid_to IS DISTINCT FROM settled.valid_to
    RETURNING atoms.id
    """
).bindparams(bindparam("ids", type_=ARRAY(BigInteger)))


async def insert_atom(tx: Transaction, atom: CreateAtom, *, valid_from: datetime | None) -> int:
    """Keep an approved atom of a person's; returns its id."""
    statement = (
        insert(Atom)
        .values(
            type=atom.type,
            title=atom.title,
            content=atom.content,
            confidence=1.0,
            status="approved",
            valid_from=valid_from,
            reviewed_by=atom.by,
            reviewed_at=func.now(),
        )
        .returning(Atom.id)
    )
    return int((await tx.execute(statement)).scalar_one())


async def lock_atoms(tx: Transaction, atom_ids: Sequence[int]) -> dict[int, Row[Any]]:
    """Lock atoms in id order, and return their rows by id; unknown ids are left out."""
    statement = (
        select(*Atom.__table__.columns)
        .where(Atom.id.in_(atom_ids))
        .order_by(Atom.id)
        .with_for_update(key_share=True)
    )
    return {row.id: row for row in await tx.execute(statement)}


async def lock_living_atoms(
    tx: Transaction, atom_ids: Sequence[int], *, fields: Mapping[int, str] | None = None
) -> dict[int, Row[Any]]:
    """Lock atoms that are to be changed.

    Args:
        tx: The transaction.
        atom_ids: Which.
        fields: Of those that a field of the query's body names, which field it is.

    Raises:
        QueryError: `not_found` for one that is not there, `invalid` when a field names it; `conflict` for one
            that was merged away.
    """
    found = await lock_atoms(tx, atom_ids)
    for atom_id in atom_ids:
        field = (fields or {}).get(atom_id)
        if atom_id not in found:
            missing = not_found(f"atom {atom_id}")
            raise missing if field is None else QueryError("invalid", str(missing), field=field)
        if found[atom_id].merged_into is not None:
            raise QueryError("conflict", str(merged_away(found[atom_id])), field=field)
    return found


def merged_away(atom: Row[Any]) -> QueryError:
    """The refusal to change an atom that another one took over."""
    return QueryError(
        "conflict",
        f"Atom {atom.id} was merged into atom {atom.merged_into}: change that one, or undo the merge.",
    )


async def change_atoms(tx: Transaction, atom_ids: Sequence[int], **values: Any) -> None:
    """Change columns of atoms whose rows the caller has locked, and say that they changed now."""
    await tx.execute(update(Atom).where(Atom.id.in_(atom_ids)).values(updated_at=func.now(), **values))


async def keep_atom_review(tx: Transaction, atom_ids: Sequence[int], status: ReviewStatus, by: str) -> None:
    """Keep a person's decision about atoms whose rows the caller has locked."""
    await change_atoms(tx, atom_ids, status=status, reviewed_by=by, reviewed_at=func.now(), rule_id=None)


async def approve_waiting_atoms(tx: Transaction, rule: RuleRecord, most: int) -> list[int]:
    """Approve the next atoms that a rule approves and no person has decided about; returns their ids."""
    rows = await tx.execute(
        _APPROVE_WAITING,
        {
            "rule_id": rule.id,
            "confidence": rule.min_confidence,
            "types": list(rule.atom_types),
            "most": most,
        },
    )
    return sorted(rows.scalars())


async def settle_supersession(tx: Transaction, atom_ids: Sequence[int]) -> list[int]:
    """Let decisions end when the later one that replaces them holds, and go on when it does not.

    To be called after the status, the successor or the merging of these atoms changed. Both ends of a
    replacement have to be approved for it to hold.

    Returns:
        The ids of decisions whose validity changed by it.
    """
    return sorted((await tx.execute(_SETTLE, {"ids": list(atom_ids)})).scalars())


async def superseded_atoms(tx: Transaction, atom_id: int) -> list[int]:
    """The decisions that an atom replaces, or will when it is approved, in id order."""
    statement = select(Atom.id).where(Atom.superseded_by == atom_id).order_by(Atom.id)
    return list((await tx.execute(statement)).scalars())


def decision_of(row: Row[Any]) -> Decision:
    """What of an atom's row supersession looks at."""
    return Decision(id=row.id, type=row.type, status=row.status, since=row.valid_from or row.created_at)
