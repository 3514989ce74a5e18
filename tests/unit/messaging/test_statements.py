"""Statements in few words."""

import pytest

from shared.messaging.statements import Tally, summarise


@pytest.mark.parametrize(
    ("statement", "summary", "writes"),
    [
        ("SELECT a, b FROM messages WHERE id = $1", "SELECT messages", False),
        ("SELECT * FROM messages m JOIN chats c ON c.id = m.chat_id", "SELECT messages chats", False),
        ("select 1", "SELECT", False),
        ("INSERT INTO scores (a) VALUES ($1) ON CONFLICT (id) DO UPDATE SET a = $1", "INSERT scores", True),
        ('UPDATE "ingestion"."chats" AS c SET title = $1', "UPDATE chats", True),
        ("DELETE FROM outbox WHERE id IN (SELECT id FROM outbox LIMIT $1)", "DELETE outbox", True),
        ("INSERT INTO outbox (a) SELECT a FROM unnest($1::text[]) AS new (a)", "INSERT outbox", True),
        ("INSERT INTO known SELECT * FROM told", "INSERT known SELECT told", True),
        (
            "WITH old AS (SELECT id FROM log), gone AS (DELETE FROM log RETURNING 1) SELECT id FROM gone",
            "SELECT log DELETE log",
            True,
        ),
        ("SELECT id FROM pending_messages FOR UPDATE SKIP LOCKED", "SELECT pending_messages", False),
        ("SAVEPOINT sa_savepoint_1", "SAVEPOINT", False),
        ("", "", False),
    ],
)
def test_a_statement_is_summarised(statement: str, summary: str, writes: bool) -> None:  # noqa: FBT001
    assert (summarise(statement).text, summarise(statement).writes) == (summary, writes)


def test_a_summary_stays_short() -> None:
    joined = [f"JOIN table_{number} ON true" for number in range(50)]
    assert len(summarise(" ".join(["SELECT * FROM messages", *joined])).text) < 120


def test_a_failing_transaction_says_where_it_was() -> None:
    tally = Tally()
    assert tally.place_in("scoring") == "transaction of scoring"
    tally._before(None, None, "SELECT * FROM scores")
    tally._before(None, None, "INSERT INTO scores VALUES ($1)")
    assert tally.place_in("scoring") == "transaction of scoring, at INSERT scores (statement 2)"
