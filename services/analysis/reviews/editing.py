"""Changing a proposal before it is decided about."""

from typing import Any

import msgspec

from services.analysis.lateness import check_version
from services.analysis.repository.proposal_changes import add_changes
from services.analysis.repository.proposals import change_proposals
from services.analysis.reviews.keeping import settle
from services.analysis.reviews.locking import lock
from services.analysis.reviews.refusing import check_waits
from services.analysis.settling import clean_line
from shared.contracts.proposals import EditProposal, ProposalRecord
from shared.messaging.transaction import transaction

_EDITABLE = ("title", "description", "category", "priority", "tags", "sub_tasks")


async def edit(query: EditProposal) -> ProposalRecord:
    """Change what is given of a proposal that waits; what is as it was makes no version.

    Raises:
        QueryError: `not_found`; `invalid` with the place; `conflict` when it is decided or changed meanwhile.
    """
    given = _settled(query)
    async with transaction() as tx:
        locked = await lock(tx, [query.proposal_id])
        proposal = locked.proposal(query.proposal_id)
        check_waits(proposal, locked.run_of(proposal))
        check_version(proposal.title, proposal.version, query.version)
        values = {name: value for name, value in given.items() if value != getattr(proposal, name)}
        if not values:
            return proposal
        await change_proposals(tx, [proposal.id], **values, edited=True)
        entry = {
            "proposal_id": proposal.id,
            "change": "edited",
            "before": {name: getattr(proposal, name) for name in values},
            "after": values,
            "changed_by": query.changed_by,
        }
        await add_changes(tx, [entry])
        (edited,) = await settle(tx, locked, [proposal.id], "edited", by=query.changed_by)
        return edited


def _settled(query: EditProposal) -> dict[str, Any]:
    """What is given, without blanks around it, and each tag once whatever its case."""
    given = {name: value for name in _EDITABLE if (value := getattr(query, name)) is not msgspec.UNSET}
    if "title" in given:
        given["title"] = clean_line("title", given["title"])
    if "description" in given:
        given["description"] = given["description"].strip()
    if "tags" in given:
        tags = _lines("tags", given["tags"])
        given["tags"] = list({tag.casefold(): tag for tag in reversed(tags)}.values())[::-1]
    if "sub_tasks" in given:
        given["sub_tasks"] = list(dict.fromkeys(_lines("sub_tasks", given["sub_tasks"])))
    return given


def _lines(field: str, lines: list[str]) -> list[str]:
    return [clean_line(f"{field}[{place}]", line) for place, line in enumerate(lines)]
