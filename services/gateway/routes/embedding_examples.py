"""The records of embedding and search that stand as examples in the API's description."""

from datetime import UTC, datetime
from uuid import UUID

from services.gateway.routes.examples import CHAT, MESSAGE
from services.gateway.routes.parameters import EXAMPLE_RUN
from services.gateway.routes.search_items import SearchItems, found_item
from shared.contracts.embedding import (
    Coverage,
    EmbeddingFailure,
    KindCoverage,
    ReindexRecord,
    ScoreParts,
    SearchHit,
    SpaceRecord,
)

_AT = datetime(2026, 3, 12, 9, 41, 7, tzinfo=UTC)
_PROVIDER = UUID("0a1d0000-0000-4000-8000-000000000001")

PAGE = SearchItems(
    items=[
        found_item(
            SearchHit(
                kind="message",
                id=MESSAGE.id,
                score=2.91,
                parts=ScoreParts(vector=0.88, words=0.61, vector_z=2.4, words_z=2.04),
                text=MESSAGE.text,
                matches=[(21, 26)],
                at=MESSAGE.sent_at,
                message_class="signal",
                chat_id=CHAT.id,
                author_id=3,
            ),
            MESSAGE,
        ),
        found_item(
            SearchHit(
                kind="atom",
                id=18,
                score=2.32,
                parts=ScoreParts(vector=0.86, words=0.4, vector_z=2.0, words_z=1.28),
                title="Переносимо реліз на четвер",
                text="переносимо реліз на четвер: міграція довша, ніж 20 хвилин",
                matches=[(11, 16)],
                title_matches=[(11, 16)],
                at=MESSAGE.sent_at,
                atom_type="decision",
                status="needs_review",
            ),
            None,
        ),
    ],
    space_id=1,
    basic_mode=True,
    took_ms=18.4,
)
SPACE = SpaceRecord(
    id=1,
    provider_id=_PROVIDER,
    document_model="e5-passage",
    query_model="e5-query",
    dimension=384,
    status="active",
    embedded=270,
    wanted=272,
    failed=1,
    basic_mode=True,
    created_at=_AT,
    activated_at=_AT,
)
COVERAGE = Coverage(
    kinds=[
        KindCoverage(kind="message", wanted=172, embedded=170, failed=1),
        KindCoverage(kind="atom", wanted=80, embedded=80, failed=0),
        KindCoverage(kind="topic", wanted=20, embedded=20, failed=0),
    ],
    spaces=[SPACE],
    failures=[
        EmbeddingFailure(kind="message", item_id=4711, reason="The text is empty.", attempts=1, failed_at=_AT)
    ],
)
REINDEX = ReindexRecord(run_id=EXAMPLE_RUN, space=SPACE, status="running", success=120, failed=0, skipped=3)
