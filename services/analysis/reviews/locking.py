"""Who waits for whom: a decision locks the runs first, then the proposals, each in the order of their ids."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from services.analysis.repository.proposals import lock_proposals, lock_runs, runs_and_targets
from shared.contracts.errors import not_found
from shared.contracts.proposals import ProposalRecord
from shared.contracts.runs import RunStatus
from shared.messaging.transaction import Transaction


@dataclass(frozen=True, slots=True)
class Locked:
    """Proposals that nobody else decides about before the transaction ends, and how their runs stand."""

    runs: dict[UUID, RunStatus]
    proposals: dict[UUID, ProposalRecord]

    def proposal(self, proposal_id: UUID) -> ProposalRecord:
        """One of them.

        Raises:
            QueryError: `not_found`.
        """
        found = self.proposals.get(proposal_id)
        if found is None:
            raise not_found(f"proposal {proposal_id}")
        return found

    def run_of(self, proposal: ProposalRecord) -> RunStatus:
        """How the run of one of them stands."""
        return self.runs[proposal.run_id]


async def lock(tx: Transaction, proposal_ids: Sequence[UUID], *, with_targets: bool = False) -> Locked:
    """Lock proposals and their runs.

    Args:
        tx: Nothing is locked in it yet.
        proposal_ids: Those that are not there are left out.
        with_targets: Lock also what they are merged into, and its run. Before the lock is had, one may be
            merged into another: the caller looks whether what it is merged into is among them.
    """
    known = await runs_and_targets(tx, proposal_ids)
    wanted = set(known)
    if with_targets:
        targets = await runs_and_targets(tx, {target for _, target in known.values() if target is not None})
        known |= targets
        wanted |= set(targets)
    runs = await lock_runs(tx, {run_id for run_id, _ in known.values()})
    return Locked(runs, await lock_proposals(tx, sorted(wanted)))
