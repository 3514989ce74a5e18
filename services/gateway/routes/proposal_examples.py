"""The records of proposals that stand as examples in the API's description."""

from datetime import UTC, datetime
from uuid import UUID

import msgspec

from services.gateway.routes.parameters import EXAMPLE_RUN
from services.gateway.routes.work_examples import PROJECT_ID
from shared.contracts.proposals import (
    BulkReview,
    GoldLabel,
    ProposalChange,
    ProposalQuote,
    ProposalRecord,
    ReviewedProposal,
)

_PROPOSED = datetime(2026, 3, 23, 9, 1, 2, tzinfo=UTC)
_DECIDED = datetime(2026, 3, 23, 11, 20, 5, tzinfo=UTC)
_OTHER = UUID("8a8b6a2e-5b0e-5a9f-8a57-6f0c9be1d2c4")

PROPOSAL = ProposalRecord(
    id=UUID("3c9d1f0b-7a44-5d0e-9a65-0f2b6f6d4a11"),
    run_id=EXAMPLE_RUN,
    project_id=PROJECT_ID,
    batch=3,
    status="pending",
    title="Сканер не читає штрихкоди на холоді",
    description="На відвантаженні сканер двічі зчитує або не бачить штрихкод, коли в ангарі нижче нуля.",
    category="bug",
    priority="high",
    tags=["сканер", "відвантаження"],
    sub_tasks=["Відтворити на холоді", "Перевірити прошивку"],
    component="Сканер",
    quotes=[
        ProposalQuote(
            message_id=214,
            quote="сканер знов не бачить штрихкод, в ангарі мінус п'ять",
            author_name="Тарас",
            sent_at=datetime(2026, 3, 9, 7, 42, tzinfo=UTC),
        )
    ],
    atom_ids=[31],
    confidence=0.58,
    reasoning="Проблема без рішення.",
    recommendation="approve",
    basic_mode=True,
    created_at=_PROPOSED,
    updated_at=_PROPOSED,
)
APPROVED = msgspec.structs.replace(
    PROPOSAL,
    status="approved",
    version=2,
    decided_by="first key",
    decided_at=_DECIDED,
    reason="Беремо в цей спринт",
    updated_at=_DECIDED,
)
REJECTED = msgspec.structs.replace(APPROVED, status="rejected", reason="Уже полагодили")
CHANGES = [
    ProposalChange(id=41, proposal_id=PROPOSAL.id, change="created", changed_by=None, changed_at=_PROPOSED),
    ProposalChange(
        id=58,
        proposal_id=PROPOSAL.id,
        change="approved",
        before={"status": "pending"},
        after={"status": "approved"},
        reason="Беремо в цей спринт",
        changed_by="first key",
        changed_at=_DECIDED,
    ),
]
REVIEWED = BulkReview(
    bulk_id=UUID("f2f1c2a8-0d5e-4a53-9c1d-6b8f0a6c7e10"),
    items=[
        ReviewedProposal(proposal_id=PROPOSAL.id, status="approved"),
        ReviewedProposal(
            proposal_id=_OTHER,
            status="rejected",
            error="'Оновити прошивку' was rejected by Олена on 2026-03-23 10:02 UTC. Take that back first.",
        ),
    ],
)
GOLD_LABEL = GoldLabel(
    proposal_id=PROPOSAL.id,
    run_id=EXAMPLE_RUN,
    label="approved",
    title=PROPOSAL.title,
    category=PROPOSAL.category,
    priority=PROPOSAL.priority,
    confidence=PROPOSAL.confidence,
    recommendation=PROPOSAL.recommendation,
    edited=False,
    model="local",
    prompt="local/1",
    quotes=PROPOSAL.quotes,
    reason=APPROVED.reason,
    decided_by="first key",
    decided_at=_DECIDED,
)
