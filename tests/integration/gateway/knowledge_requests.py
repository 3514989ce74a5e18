"""Requests about knowledge, and what each asks for."""

from typing import Any
from uuid import UUID

from services.gateway.routes.knowledge_examples import ATOM, LINK, MERGE, RULE, TOPIC, VERSION
from shared.contracts.atoms import (
    CreateAtom,
    CreateLink,
    DeleteLink,
    EditAtom,
    ListAtoms,
    ListLinks,
    ReviewAtom,
    SupersedeAtom,
)
from shared.contracts.extraction import CancelExtraction, GetExtraction, GetKnowledgeStats, ListExtractions
from shared.contracts.revisions import (
    DeleteRule,
    ListChanges,
    ListMerges,
    ListRules,
    ListVersions,
    MergeAtoms,
    MergeTopics,
    ReviewVersion,
    UndoMerge,
    UpdateRule,
)
from shared.contracts.topics import CreateTopic, EditTopic, GetTopic, ListTopics, ReviewTopic

API = "/api/v1"
BY = "first key"
RULE_ID = RULE.id
RUN = UUID("5f0c9a4e-6f0b-4b6e-9a55-2f8f4c1f7d10")
READS: list[tuple[str, dict[str, Any], Any]] = [
    ("/topics", {}, ListTopics()),
    (
        "/topics",
        {"status": "needs_review", "search": "реліз", "cursor": "WzFd", "limit": 7},
        ListTopics(status="needs_review", search="реліз", cursor="WzFd", limit=7),
    ),
    ("/topics/5", {}, GetTopic(topic_id=5)),
    (
        "/topics/5/atoms",
        {"type": "decision", "status": "rejected", "limit": 3},
        ListAtoms(topic_id=5, type="decision", status="rejected", limit=3),
    ),
    ("/atoms", {}, ListAtoms()),
    (
        "/atoms",
        {
            "topic_id": 5,
            "type": "insight",
            "status": "approved",
            "message_id": 9,
            "run_id": str(RUN),
            "include_superseded": "false",
        },
        ListAtoms(
            topic_id=5, type="insight", status="approved", message_id=9, run_id=RUN, include_superseded=False
        ),
    ),
    ("/atoms/41/links", {}, ListLinks(atom_id=41)),
    (
        "/versions",
        {"entity": "topic", "entity_id": 5, "status": "draft"},
        ListVersions(entity="topic", entity_id=5, status="draft"),
    ),
    ("/merges", {"entity": "atom", "entity_id": 3}, ListMerges(entity="atom", entity_id=3)),
    ("/automation-rules", {}, ListRules()),
    ("/knowledge/stats", {}, GetKnowledgeStats()),
    ("/knowledge/changes", {"entity": "atom", "entity_id": 4}, ListChanges(entity="atom", entity_id=4)),
    ("/knowledge/extractions", {"status": "failed", "limit": 2}, ListExtractions(status="failed", limit=2)),
    (f"/knowledge/extractions/{RUN}", {}, GetExtraction(extraction_id=RUN)),
]
WRITES: list[tuple[str, str, Any, int, Any, Any]] = [
    (
        "POST",
        "/topics",
        {"name": "Реліз", "icon": "🚀"},
        201,
        CreateTopic(name="Реліз", icon="🚀", by=BY),
        TOPIC,
    ),
    ("PATCH", "/topics/5", {"name": "Випуск"}, 200, EditTopic(topic_id=5, by=BY, name="Випуск"), TOPIC),
    ("PATCH", "/topics/5", {}, 200, EditTopic(topic_id=5, by=BY), TOPIC),
    (
        "POST",
        "/topics/5/review",
        {"status": "rejected"},
        200,
        ReviewTopic(topic_id=5, status="rejected", by=BY),
        TOPIC,
    ),
    ("POST", "/topics/8/merge", {"into": 5}, 200, MergeTopics(kept_id=5, merged_id=8, by=BY), MERGE),
    (
        "POST",
        "/atoms",
        {
            "type": "decision",
            "title": "а",
            "content": "б",
            "quotes": [{"message_id": 7, "quote": "так"}],
            "topic_ids": [5],
        },
        201,
        CreateAtom(type="decision", title="а", content="б", by=BY, quotes=[(7, "так")], topic_ids=[5]),
        ATOM,
    ),
    (
        "PATCH",
        "/atoms/41",
        {"type": "insight", "topic_ids": []},
        200,
        EditAtom(atom_id=41, by=BY, type="insight", topic_ids=[]),
        ATOM,
    ),
    (
        "POST",
        "/atoms/41/review",
        {"status": "approved"},
        200,
        ReviewAtom(atom_id=41, status="approved", by=BY),
        ATOM,
    ),
    (
        "POST",
        "/atoms/41/supersede",
        {"superseded_by": 50},
        200,
        SupersedeAtom(atom_id=41, superseded_by=50, by=BY),
        ATOM,
    ),
    (
        "POST",
        "/atoms/41/supersede",
        {"superseded_by": None},
        200,
        SupersedeAtom(atom_id=41, superseded_by=None, by=BY),
        ATOM,
    ),
    ("POST", "/atoms/42/merge", {"into": 41}, 200, MergeAtoms(kept_id=41, merged_id=42, by=BY), MERGE),
    (
        "POST",
        "/links",
        {"from_atom": 41, "to_atom": 38, "type": "solves", "strength": 0.8},
        201,
        CreateLink(from_atom=41, to_atom=38, type="solves", strength=0.8, by=BY),
        LINK,
    ),
    ("DELETE", "/links/9", None, 204, DeleteLink(link_id=9, by=BY), None),
    ("POST", "/versions/77/approve", None, 200, ReviewVersion(version_id=77, approve=True, by=BY), VERSION),
    ("POST", "/versions/77/reject", None, 200, ReviewVersion(version_id=77, approve=False, by=BY), VERSION),
    ("POST", "/merges/3/undo", None, 200, UndoMerge(merge_id=3, by=BY), MERGE),
    (
        "PATCH",
        f"/automation-rules/{RULE_ID}",
        {"enabled": False},
        200,
        UpdateRule(rule_id=RULE_ID, by=BY, enabled=False),
        RULE,
    ),
    ("DELETE", f"/automation-rules/{RULE_ID}", None, 204, DeleteRule(rule_id=RULE_ID, by=BY), None),
    (
        "POST",
        f"/knowledge/extractions/{RUN}/cancel",
        None,
        200,
        CancelExtraction(extraction_id=RUN),
        None,
    ),
]
