"""Why a proposal is not decided about: in words, with who decided what and when. Pure."""

from collections.abc import Mapping
from typing import Literal

from shared.contracts.errors import QueryError
from shared.contracts.proposals import Decision, ProposalRecord
from shared.contracts.runs import RunStatus

Decided = Literal["approved", "rejected", "merged"]
BECOMES: Mapping[Decision, Decided] = {"approve": "approved", "reject": "rejected"}
"""What a proposal is once that was decided."""


def refusal(proposal: ProposalRecord, run: RunStatus) -> str | None:
    """Why a proposal cannot be decided or changed; None when it can."""
    if run == "closed":
        return _closed(proposal)
    return None if proposal.status == "pending" else _decided(proposal)


def check_waits(proposal: ProposalRecord, run: RunStatus) -> None:
    """Refuse what is decided already, or belongs to a closed run.

    Raises:
        QueryError: `conflict`.
    """
    message = refusal(proposal, run)
    if message is not None:
        raise QueryError("conflict", message)


def check_decided(proposal: ProposalRecord, run: RunStatus) -> None:
    """Refuse to take back what is not decided, or belongs to a closed run.

    Raises:
        QueryError: `conflict`.
    """
    if proposal.status == "pending":
        raise QueryError("conflict", f"{proposal.title!r} waits: there is no decision to take back.")
    if run == "closed":
        raise QueryError("conflict", _closed(proposal))


def _closed(proposal: ProposalRecord) -> str:
    return f"The run of {proposal.title!r} is closed: what was decided in it stays."


def _decided(proposal: ProposalRecord) -> str:
    where = f" into {proposal.merged_into}" if proposal.merged_into is not None else ""
    when = f"{proposal.decided_at:%Y-%m-%d %H:%M} UTC" if proposal.decided_at is not None else "some time ago"
    return (
        f"{proposal.title!r} was {proposal.status}{where} by {proposal.decided_by} on {when}. "
        "Take that back first."
    )
