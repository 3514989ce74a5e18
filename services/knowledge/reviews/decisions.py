"""What knowledge answers when atoms are approved, rejected and superseded."""

from services.knowledge.again import again_after_deadlock
from services.knowledge.announcing import announce
from services.knowledge.repository.atom_records import atom_record
from services.knowledge.repository.atoms import (
    change_atoms,
    decision_of,
    keep_atom_review,
    lock_atoms,
    lock_living_atoms,
    merged_away,
    settle_supersession,
)
from services.knowledge.supersession import refusal
from shared.contracts.atoms import AtomRecord, ReviewAtom, ReviewAtoms, ReviewOutcome, SupersedeAtom
from shared.contracts.errors import QueryError, not_found
from shared.contracts.knowledge import ReviewStatus
from shared.messaging.transaction import Transaction, transaction


@again_after_deadlock
async def review_atom(query: ReviewAtom) -> AtomRecord:
    """Keep a person's decision about an atom; asked a second time it changes nothing."""
    async with transaction() as tx:
        (outcome,) = await _review(tx, [query.atom_id], query.status, query.by)
        if outcome.error is not None:
            raise QueryError(outcome.error.code, outcome.error.message)
        return await atom_record(tx, query.atom_id)


@again_after_deadlock
async def review_atoms(query: ReviewAtoms) -> list[ReviewOutcome]:
    """Keep a person's decision about many atoms; what cannot be reviewed says why."""
    async with transaction() as tx:
        return await _review(tx, query.atom_ids, query.status, query.by)


@again_after_deadlock
async def supersede_atom(query: SupersedeAtom) -> AtomRecord:
    """Let a later decision replace an earlier one, or take that back."""
    wanted = query.superseded_by
    if wanted == query.atom_id:
        raise QueryError("invalid", "A decision cannot supersede itself.", field="superseded_by")
    async with transaction() as tx:
        named = {} if wanted is None else {wanted: "superseded_by"}
        atoms = await lock_living_atoms(tx, [query.atom_id, *named], fields=named)
        earlier = atoms[query.atom_id]
        if wanted is not None:
            message = refusal(decision_of(earlier), decision_of(atoms[wanted]))
            if message is not None:
                raise QueryError("conflict", message, field="superseded_by")
        if earlier.superseded_by != wanted:
            await change_atoms(tx, [earlier.id], superseded_by=wanted)
            await settle_supersession(tx, [earlier.id])
            details = {"superseded_by": wanted, "was": earlier.superseded_by}
            await announce(tx, "atom", [earlier.id], "superseded", by=query.by, details=details)
        return await atom_record(tx, earlier.id)


async def _review(tx: Transaction, atom_ids: list[int], status: ReviewStatus, by: str) -> list[ReviewOutcome]:
    found = await lock_atoms(tx, atom_ids)
    living = {atom_id: row for atom_id, row in found.items() if row.merged_into is None}
    changed = [row for row in living.values() if row.status != status or row.reviewed_by is None]
    if changed:
        await keep_atom_review(tx, [row.id for row in changed], status, by)
        for was in sorted({row.status for row in changed}):
            ids = [row.id for row in changed if row.status == was]
            await announce(tx, "atom", ids, "reviewed", by=by, details={"status": status, "was": was})
        settled = await settle_supersession(tx, [row.id for row in changed])
        await announce(tx, "atom", settled, "superseded", by=by)
    outcomes = []
    for atom_id in atom_ids:
        if atom_id in living:
            outcomes.append(ReviewOutcome(atom_id=atom_id, status=status))
        else:
            row = found.get(atom_id)
            refused = not_found(f"atom {atom_id}") if row is None else merged_away(row)
            outcomes.append(ReviewOutcome(atom_id=atom_id, error=refused.body))
    return outcomes
