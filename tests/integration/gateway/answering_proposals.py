"""Analysis' proposals behind the gateway, from memory."""

from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import msgspec

from services.gateway.routes.proposal_examples import APPROVED, CHANGES, GOLD_LABEL, PROPOSAL, REVIEWED
from shared.contracts.base import Query
from shared.contracts.errors import QueryError
from shared.contracts.proposals import (
    EditProposal,
    ExportProposals,
    GetProposal,
    GoldLabelPage,
    ListGoldLabels,
    ListProposalChanges,
    ListProposals,
    MergeProposal,
    ProposalChangePage,
    ProposalPage,
    ProposalRecord,
    RevertProposal,
    ReviewProposal,
    ReviewProposals,
)
from shared.messaging.queries import Handler
from shared.telemetry import current_run_id

ANSWERS: dict[type[Query[Any]], Any] = {
    GetProposal: PROPOSAL,
    EditProposal: PROPOSAL,
    ReviewProposal: APPROVED,
    MergeProposal: PROPOSAL,
    RevertProposal: PROPOSAL,
    ListProposalChanges: ProposalChangePage(items=CHANGES, next_cursor="WzFd"),
    ListGoldLabels: GoldLabelPage(items=[GOLD_LABEL], next_cursor="WzFd"),
}


@dataclass
class Proposals:
    """What is listed and exported, what it refuses, which queries came, and of which chains.

    Attributes:
        fails_at: The cursor of the page at which an export finds analysis away.
    """

    asked: list[Any] = field(default_factory=list)
    chains: list[UUID | None] = field(default_factory=list)
    listed: list[ProposalRecord] = field(default_factory=lambda: [PROPOSAL])
    exported: list[list[ProposalRecord]] = field(default_factory=list)
    refusal: QueryError | None = None
    fails_at: str | None = None

    def clear(self) -> None:
        """Remember nothing and refuse nothing."""
        self.asked.clear()
        self.chains.clear()
        self.listed = [PROPOSAL]
        self.exported.clear()
        self.refusal = self.fails_at = None

    def handlers(self) -> dict[type, Handler]:
        """One for each query."""
        found: dict[type, Handler] = dict.fromkeys(ANSWERS, self._answering)
        return found | {
            ListProposals: self._list,
            ReviewProposals: self._review_many,
            ExportProposals: self._export,
        }

    async def _answering(self, query: Any) -> Any:
        self._note(query)
        return ANSWERS[type(query)]

    async def _list(self, query: ListProposals) -> ProposalPage:
        self._note(query)
        return ProposalPage(items=self.listed, next_cursor="WzFd" if self.listed else None)

    async def _review_many(self, query: ReviewProposals) -> Any:
        self._note(query)
        return msgspec.structs.replace(REVIEWED, bulk_id=query.bulk_id)

    async def _export(self, query: ExportProposals) -> ProposalPage:
        self._note(query)
        if query.cursor is not None and query.cursor == self.fails_at:
            raise QueryError("unavailable", "The database does not answer.")
        number = int(query.cursor or 0)
        page = self.exported[number] if number < len(self.exported) else []
        items = [each for each in page if query.category in (None, each.category)]
        following = str(number + 1) if number + 1 < len(self.exported) else None
        return ProposalPage(items=items, next_cursor=following)

    def _note(self, query: Any) -> None:
        self.asked.append(query)
        self.chains.append(current_run_id())
        if self.refusal is not None:
            raise self.refusal
