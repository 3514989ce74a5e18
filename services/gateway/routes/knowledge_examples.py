"""The records of knowledge that stand as examples in the API's description."""

from datetime import UTC, datetime

from services.gateway.routes.parameters import EXAMPLE_RUN
from shared.contracts.atoms import AtomRecord, Citation, LinkRecord, ReviewOutcome
from shared.contracts.errors import ErrorBody
from shared.contracts.extraction import ExtractionRecord, KnowledgeStats, PendingChat, PendingState
from shared.contracts.knowledge import TopicRef
from shared.contracts.revisions import ChangeRecord, FieldChange, MergeRecord, RuleRecord, VersionRecord
from shared.contracts.topics import TopicRecord

_SENT = datetime(2026, 3, 12, 9, 41, 7, tzinfo=UTC)
_FOUND = datetime(2026, 3, 12, 10, 2, 30, tzinfo=UTC)

TOPIC = TopicRecord(
    id=5,
    name="Реліз у четвер",
    description="Коли і як виходить реліз 2.4",
    icon="🚀",
    colour="#0f766e",
    status="approved",
    confidence=0.86,
    atoms=7,
    messages=12,
    version=2,
    drafts=1,
    run_id=EXAMPLE_RUN,
    created_at=_FOUND,
    updated_at=_FOUND,
)
ATOM = AtomRecord(
    id=41,
    type="decision",
    title="Реліз переноситься на четвер",
    content="Реліз 2.4 виходить у четвер, бо міграція довша, ніж 20 хвилин.",
    confidence=0.91,
    status="needs_review",
    topics=[TopicRef(id=5, name="Реліз у четвер", icon="🚀", colour="#0f766e")],
    citations=[
        Citation(
            message_id=4711,
            quote="переносимо реліз на четвер",
            chat_id=1,
            sent_at=_SENT,
            author="Олена Коваль",
        )
    ],
    valid_from=_SENT,
    run_id=EXAMPLE_RUN,
    created_at=_FOUND,
    updated_at=_FOUND,
)
LINK = LinkRecord(
    id=9, from_atom=41, to_atom=38, type="solves", strength=0.8, run_id=EXAMPLE_RUN, created_at=_FOUND
)
VERSION = VersionRecord(
    id=77,
    entity="topic",
    entity_id=5,
    number=3,
    status="draft",
    changes=[
        FieldChange(
            field="description",
            before="Коли і як виходить реліз 2.4",
            after="Коли і як виходить реліз 2.4, і хто його викочує",
        )
    ],
    reason="Домовилися, хто викочує",
    confidence=0.82,
    similarity=0.93,
    run_id=EXAMPLE_RUN,
    created_at=_FOUND,
)
MERGE = MergeRecord(id=3, entity="topic", kept_id=5, merged_id=8, merged_by="dashboard", merged_at=_FOUND)
RULE = RuleRecord(
    id=EXAMPLE_RUN,
    name="Певні рішення",
    enabled=True,
    applies_to="atom",
    min_confidence=0.9,
    min_similarity=0.0,
    atom_types=["decision"],
    approved=14,
    created_by="dashboard",
    created_at=_FOUND,
)
OUTCOMES = [
    ReviewOutcome(atom_id=41, status="approved"),
    ReviewOutcome(atom_id=99, error=ErrorBody(code="not_found", message="There is no atom 99.")),
]
CHANGE = ChangeRecord(
    id=31,
    entity="atom",
    entity_id=41,
    change="reviewed",
    by="dashboard",
    details={"status": "approved", "was": "needs_review"},
    at=_FOUND,
)
EXTRACTION = ExtractionRecord(
    id=EXAMPLE_RUN,
    status="running",
    trigger="manual",
    agent_name="Extractor",
    provider_name="local",
    basic_mode=True,
    messages=38,
    created_at=_FOUND,
    started_at=_FOUND,
)
KNOWLEDGE_STATS = KnowledgeStats(
    topics={"approved": 9, "needs_review": 3, "rejected": 0},
    atoms={"approved": 41, "needs_review": 17, "rejected": 2},
    atom_types={"decision": 19, "problem": 14, "solution": 11, "question": 16},
    links=23,
    drafts=1,
    pending=PendingState(
        waiting=6,
        claimed=0,
        threshold=10,
        lookback_hours=24.0,
        chats=[PendingChat(chat_id=1, waiting=6, oldest_at=_SENT)],
    ),
)
