"""The records of analysis runs that stand as examples in the API's description."""

from datetime import UTC, datetime
from uuid import UUID

from services.gateway.routes.parameters import EXAMPLE_RUN
from shared.contracts.projects import Component, PriorityRule, ProjectRecord
from shared.contracts.runs import CostEstimate, RunAccuracy, RunRecord, RunSnapshot

PROJECT_ID = UUID("0d2f6a52-6f43-4a8e-9a0f-3c1b7b0f5e21")
_LOCAL = UUID("00000000-0000-4000-8000-000000000001")
_AGENT = UUID("00000000-0000-4000-8000-000000000004")
_MADE = datetime(2026, 3, 23, 9, 0, 12, tzinfo=UTC)
_STARTED = datetime(2026, 3, 23, 9, 0, 40, tzinfo=UTC)
_FINISHED = datetime(2026, 3, 23, 9, 1, 31, tzinfo=UTC)

SNAPSHOT = RunSnapshot(
    project=ProjectRecord(
        id=PROJECT_ID,
        name="Склад",
        chat_ids=[1],
        min_length=10,
        glossary={"ТТН": "товарно-транспортна накладна"},
        components=[Component(name="Сканер", keywords=["сканер", "штрихкод"])],
        priority_rules=[PriorityRule(keywords=["прод", "падає"], priority="high")],
        created_at=_MADE,
        updated_at=_MADE,
    ),
    agent_id=_AGENT,
    agent_name="Task proposer",
    provider_id=_LOCAL,
    provider_name="local",
    model="local",
    prompt="local/1",
    language="uk",
    temperature=0.0,
    max_tokens=200_000,
    max_cost=1.0,
    basic_mode=True,
)
MADE_RUN = RunRecord(
    id=EXAMPLE_RUN,
    project_id=PROJECT_ID,
    project_name="Склад",
    status="pending",
    since=datetime(2026, 3, 2, tzinfo=UTC),
    until=datetime(2026, 3, 23, tzinfo=UTC),
    use_rag=True,
    estimate=CostEstimate(messages=394, batches=11, input_tokens=0, output_tokens=0, cost=0.0),
    config_snapshot=SNAPSHOT,
    created_by="first key",
    created_at=_MADE,
)
RUN = RunRecord(
    id=EXAMPLE_RUN,
    project_id=PROJECT_ID,
    project_name="Склад",
    status="completed",
    since=datetime(2026, 3, 2, tzinfo=UTC),
    until=datetime(2026, 3, 23, tzinfo=UTC),
    use_rag=True,
    estimate=MADE_RUN.estimate,
    config_snapshot=SNAPSHOT,
    messages_found=394,
    messages_kept=163,
    batches_total=9,
    batches_done=9,
    proposals_total=27,
    proposals_pending=12,
    proposals_approved=9,
    proposals_rejected=4,
    proposals_merged=2,
    accuracy=RunAccuracy(
        approval_rate=0.7333,
        rejection_rate=0.2667,
        edited_rate=0.1818,
        agreement_rate=0.8,
        brier_score=0.2391,
    ),
    created_by="first key",
    created_at=_MADE,
    started_at=_STARTED,
    finished_at=_FINISHED,
)
