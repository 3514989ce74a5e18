"""Which atoms are in which topics, and which messages therefore.

A message belongs to a topic when an atom of the topic quotes it: `message_topics` is derived from that.
"""

from collections.abc import Collection, Sequence

from sqlalchemy import BigInteger, TextClause, bindparam, select, text
from sqlalchemy.dialects.postgresql import ARRAY

from services.knowledge.tables import TopicAtom
from shared.messaging.transaction import Transaction

_TOPICS, _ATOMS, _MESSAGES = (
    bindparam(name, type_=ARRAY(BigInteger)) for name in ("topics", "atoms", "messages")
)
_PUT = text(
    """
    INSERT INTO knowledge.topic_atoms (topic_id, atom_id) SELECT * FROM unnest(:topics, :atoms)
    ON CONFLICT DO NOTHING
    """
).bindparams(_TOPICS, _ATOMS)
_TAKE = text(
    """
    DELETE FROM knowledge.topic_atoms USING unnest(:topics, :atoms) AS gone (topic_id, atom_id)
    WHERE topic_atoms.topic_id = gone.topic_id AND topic_atoms.atom_id = gone.atom_id
    """
).bindparams(_TOPICS, _ATOMS)
_SUPPORT = """
    knowledge.atom_sources source JOIN knowledge.topic_atoms member ON member.atom_id = source.atom_id
"""
_FORGET_MESSAGES = """
    DELETE FROM knowledge.message_topics gone
    WHERE gone.topic_id = ANY(:topics) {among} AND NOT EXISTS (
        SELECT FROM {support}
        WHERE source.message_id = gone.message_id AND member.topic_id = gone.topic_id
            AND member.topic_id = ANY(:topics)
    )
"""
_ADD_MESSAGES = """
    INSERT INTO knowledge.message_topics (message_id, topic_id)
    SELECT DISTINCT source.message_id, member.topic_id FROM {support}
    WHERE member.topic_id = ANY(:topics) {among}
    ON CONFLICT DO NOTHING
"""
_OF_TOPICS = tuple(
    text(statement.format(support=_SUPPORT, among="")).bindparams(_TOPICS)
    for statement in (_FORGET_MESSAGES, _ADD_MESSAGES)
)
_OF_MESSAGES = (
    text(_FORGET_MESSAGES.format(support=_SUPPORT, among="AND gone.message_id = ANY(:messages)")).bindparams(
        _TOPICS, _MESSAGES
    ),
    text(_ADD_MESSAGES.format(support=_SUPPORT, among="AND source.message_id = ANY(:messages)")).bindparams(
        _TOPICS, _MESSAGES
    ),
)


async def topics_of(tx: Transaction, atom_id: int) -> list[int]:
    """The topics that an atom is in, in id order."""
    statement = select(TopicAtom.topic_id).where(TopicAtom.atom_id == atom_id).order_by(TopicAtom.topic_id)
    return list((await tx.execute(statement)).scalars())


async def atoms_of(tx: Transaction, topic_id: int) -> list[int]:
    """The atoms that are in a topic, in id order."""
    statement = select(TopicAtom.atom_id).where(TopicAtom.topic_id == topic_id).order_by(TopicAtom.atom_id)
    return list((await tx.execute(statement)).scalars())


async def put_into_topics(tx: Transaction, pairs: Sequence[tuple[int, int]]) -> None:
    """Put atoms into topics, as (topic, atom); what is there already stays. The topics' rows are locked."""
    await _with_pairs(tx, _PUT, pairs)


async def take_out_of_topics(tx: Transaction, pairs: Sequence[tuple[int, int]]) -> None:
    """Take atoms out of topics, as (topic, atom). The topics' rows are locked."""
    await _with_pairs(tx, _TAKE, pairs)


async def derive_messages(
    tx: Transaction, topic_ids: Collection[int], message_ids: Collection[int] | None = None
) -> None:
    """Let topics have the messages that their atoms quote, and no others. The topics' rows are locked.

    Args:
        tx: The transaction that changed atoms or citations.
        topic_ids: Topics whose atoms changed.
        message_ids: The messages that the changed atoms quote; None looks at all of the topics' messages.
    """
    if not topic_ids:
        return
    given = {"topics": sorted(topic_ids)}
    if message_ids is not None:
        given["messages"] = sorted(message_ids)
    for statement in _OF_TOPICS if message_ids is None else _OF_MESSAGES:
        await tx.execute(statement, given)


async def _with_pairs(tx: Transaction, statement: TextClause, pairs: Sequence[tuple[int, int]]) -> None:
    if pairs:
        topics, atoms = zip(*pairs, strict=True)
        await tx.execute(statement, {"topics": list(topics), "atoms": list(atoms)})
