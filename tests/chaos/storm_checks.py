"""What a storm must leave behind: everything once. Each is a number that the database is asked for."""

from dataclasses import dataclass

MESSAGES = 529
"""Of the sample chat."""


@dataclass(frozen=True)
class Check:
    """A number that the database is asked for at the end, and what it ought to be."""

    what: str
    statement: str
    expected: int = 0


CHECKS = (
    Check("messages", "SELECT count(*) FROM ingestion.messages", MESSAGES),
    Check(
        "messages whose text has no score",
        "SELECT count(*) FROM ingestion.messages m WHERE NOT EXISTS (SELECT FROM scoring.scores s "
        "WHERE s.message_id = m.id AND s.content_hash = encode(m.content_hash, 'hex'))",
    ),
    Check(
        "messages that knowledge was not told of",
        "SELECT count(*) FROM ingestion.messages m WHERE NOT EXISTS "
        "(SELECT FROM knowledge.pending_messages p WHERE p.message_id = m.id)",
    ),
    Check(
        "messages that were not extracted",
        "SELECT count(*) FROM knowledge.pending_messages WHERE state NOT IN ('done', 'ignored')",
    ),
    Check(
        "extractions not completed",
        "SELECT count(*) FROM knowledge.extraction_runs WHERE status <> 'completed'",
    ),
    Check(
        "atoms twice",
        "SELECT count(*) FROM (SELECT FROM knowledge.atoms GROUP BY type, content HAVING count(*) > 1) twice",
    ),
    Check(
        "atoms without a quote",
        "SELECT count(*) FROM knowledge.atoms a WHERE NOT EXISTS "
        "(SELECT FROM knowledge.atom_sources s WHERE s.atom_id = a.id)",
    ),
    Check(
        "quotes that are not word for word",
        r"SELECT count(*) FROM knowledge.atom_sources s JOIN ingestion.messages m ON m.id = s.message_id "
        r"WHERE position(regexp_replace(s.quote, '\s+', ' ', 'g') "
        r"IN regexp_replace(m.text, '\s+', ' ', 'g')) = 0",
    ),
    Check(
        "texts that search does not know",
        "SELECT (SELECT count(*) FROM ingestion.messages) - (SELECT count(*) FROM embedding.message_texts) "
        "+ (SELECT count(*) FROM knowledge.atoms) + (SELECT count(*) FROM knowledge.topics) "
        "- (SELECT count(*) FROM embedding.knowledge_texts)",
    ),
    Check("texts that could not be embedded", "SELECT count(*) FROM embedding.embedding_failures"),
    Check(
        "analysis runs not completed",
        "SELECT count(*) FROM analysis.analysis_runs WHERE status <> 'completed'",
    ),
    Check(
        "batches not done",
        "SELECT count(*) FROM analysis.run_batches WHERE done_at IS NULL OR failure IS NOT NULL",
    ),
    Check(
        "proposals twice",
        "SELECT count(*) FROM (SELECT FROM analysis.task_proposals GROUP BY run_id, title, quotes "
        "HAVING count(*) > 1) twice",
    ),
)
NOT_EMBEDDED = """
    SELECT (SELECT count(*) FROM embedding.message_texts t WHERE t.wanted AND NOT EXISTS
        (SELECT FROM embedding.message_vectors_{space} v
            WHERE v.item_id = t.message_id AND v.content_hash = t.content_hash))
    + (SELECT count(*) FROM embedding.knowledge_texts t WHERE t.kind = 'atom' AND t.wanted AND NOT EXISTS
        (SELECT FROM embedding.atom_vectors_{space} v
            WHERE v.item_id = t.item_id AND v.content_hash = t.content_hash))
    + (SELECT count(*) FROM embedding.knowledge_texts t WHERE t.kind = 'topic' AND t.wanted AND NOT EXISTS
        (SELECT FROM embedding.topic_vectors_{space} v
            WHERE v.item_id = t.item_id AND v.content_hash = t.content_hash))
"""
"""How many texts lack the vector that they ought to have; `{space}` is the active space's number."""

UNSAID = """
    SELECT (SELECT count(*) FROM ingestion.outbox WHERE sent_at IS NULL)
        + (SELECT count(*) FROM scoring.outbox WHERE sent_at IS NULL)
        + (SELECT count(*) FROM embedding.outbox WHERE sent_at IS NULL)
        + (SELECT count(*) FROM knowledge.outbox WHERE sent_at IS NULL)
        + (SELECT count(*) FROM analysis.outbox WHERE sent_at IS NULL)
"""
"""What the services have yet to tell each other."""
