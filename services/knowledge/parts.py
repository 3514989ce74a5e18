"""What an extraction asks about next: a conversation, or the first part of one that is too long."""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from uuid import UUID

from services.knowledge.answers import ChatLine, Conversation
from services.knowledge.considering import chunks
from services.knowledge.conversations import first_part, stretches
from services.knowledge.known import Near
from services.knowledge.neighbours import near_topics
from services.knowledge.repository.claims import set_aside
from services.knowledge.repository.known import topics_by_id, topics_of_chat
from services.knowledge.repository.parts import Asked, Held, find_asked, keep_asked, next_messages
from services.knowledge.settings import KnowledgeSettings
from shared.contracts.ingestion import GetMessages, MessageRecord
from shared.llm import AgentSession
from shared.messaging.queries import ask
from shared.messaging.transaction import transaction

_MOST_CONTEXT = 12
_MOST_TOPICS = 15
_PAGE = 50
_PASSAGE = 1000
_MOST_PASSAGES = 16
_GONE = "Its text is no longer there: the message was deleted, or its text was."


@dataclass(frozen=True, slots=True)
class Part:
    """One question's worth of a conversation.

    Attributes:
        key: Names what is asked and whom.
        messages: What knowledge is taken from, in the order sent.
        hashes: The texts that these had when they were taken up, as knowledge has heard of them.
        lines: The messages of the question's lines, in their order: context too.
        asked: The question.
        answer_hash: Of the answer to this very question that was saved before; None when none was.
    """

    key: str
    messages: tuple[MessageRecord, ...]
    hashes: dict[int, str]
    lines: tuple[MessageRecord, ...]
    asked: Conversation
    answer_hash: str | None

    @property
    def message_ids(self) -> list[int]:
        """What knowledge is taken from."""
        return [message.id for message in self.messages]


async def next_part(extraction_id: UUID, session: AgentSession, settings: KnowledgeSettings) -> Part | None:
    """What an extraction has to do next; None when it has done all.

    Raises:
        QueryError: `unavailable`, when ingestion does not answer.
    """
    while True:
        async with transaction() as tx:
            held = await next_messages(tx, extraction_id)
        around = _conversation(held, settings)
        mine = [each for each in around if each.mark.waits]
        if not mine:
            return None
        texts = await fetch_messages(each.mark.message_id for each in mine)
        gone = [each.mark.message_id for each in mine if each.mark.message_id not in texts]
        if not gone:
            return await _part(around, [texts[each.mark.message_id] for each in mine], session, settings)
        async with transaction() as tx:
            await set_aside(tx, extraction_id, gone, _GONE)


async def fetch_messages(message_ids: Iterable[int]) -> dict[int, MessageRecord]:
    """Messages with a text, by id; those that are gone are left out."""
    found: dict[int, MessageRecord] = {}
    for asked in chunks(message_ids, _PAGE):
        found |= {
            message.id: message for message in await ask(GetMessages(message_ids=asked)) if message.has_text
        }
    return found


def _conversation(held: Sequence[Held], settings: KnowledgeSettings) -> list[Held]:
    """The first conversation that has something to do."""
    by_id = {each.mark.message_id: each for each in held}
    for stretch in stretches((each.mark for each in held), settings.silence):
        if stretch.waiting:
            return [by_id[mark.message_id] for mark in stretch.marks]
    return []


async def _part(
    around: Sequence[Held],
    messages: Sequence[MessageRecord],
    session: AgentSession,
    settings: KnowledgeSettings,
) -> Part:
    count = first_part([len(message.text) for message in messages], settings.conversation_characters)
    taken = tuple(messages[:count])
    key = _key(taken, session)
    async with transaction() as tx:
        before = await find_asked(tx, key)
    if before is None:
        before = Asked(await _known_topics(taken), _context(around, taken), None)
        async with transaction() as tx:
            await keep_asked(tx, key, before.known_topics, before.context_ids)
    context = await fetch_messages(before.context_ids)
    lines = tuple(sorted((*context.values(), *taken), key=lambda message: (message.sent_at, message.id)))
    hashes = {each.mark.message_id: each.content_hash for each in around}
    return Part(
        key=key,
        messages=taken,
        hashes={message.id: hashes[message.id] for message in taken},
        lines=lines,
        asked=_question(lines, {message.id for message in taken}, before.known_topics),
        answer_hash=before.answer_hash,
    )


def _context(around: Sequence[Held], taken: Sequence[MessageRecord]) -> list[int]:
    """What was said shortly before, and is not asked about: the last of it."""
    asked_about = {message.id for message in taken}
    last = taken[-1]
    earlier = [
        each.mark.message_id
        for each in around
        if each.has_substance
        and each.mark.message_id not in asked_about
        and (each.mark.sent_at, each.mark.message_id) < (last.sent_at, last.id)
    ]
    return earlier[-_MOST_CONTEXT:]


async def _known_topics(taken: Sequence[MessageRecord]) -> list[str]:
    """Names of topics that may fit: the nearest by meaning, then what the chat spoke of last."""
    near = await near_topics(_passages(taken), least=0.0)
    nearest = sorted((each for found in near for each in found), key=_by_similarity)
    async with transaction() as tx:
        recent = await topics_of_chat(tx, taken[0].chat.id, _MOST_TOPICS)
        known = await topics_by_id(tx, {each.id for each in nearest} | {topic_id for topic_id, _ in recent})
    ids = dict.fromkeys([each.id for each in nearest] + [topic_id for topic_id, _ in recent])
    return [known[topic_id].name for topic_id in ids if topic_id in known][:_MOST_TOPICS]


def _by_similarity(near: Near) -> tuple[float, int]:
    return -near.similarity, near.id


def _passages(taken: Sequence[MessageRecord]) -> list[str]:
    """A conversation's text in passages, as long as a vector can still say what they are about."""
    passages: list[str] = []
    for message in taken:
        if passages and len(passages[-1]) + len(message.text) < _PASSAGE:
            passages[-1] += f"\n{message.text}"
        else:
            passages.append(message.text[:_PASSAGE])
    return passages[:_MOST_PASSAGES]


def _question(lines: Sequence[MessageRecord], taken: set[int], known_topics: Sequence[str]) -> Conversation:
    numbers = {
        (message.chat.id, message.telegram_message_id): number
        for number, message in enumerate(lines, start=1)
    }
    return Conversation(
        chat=lines[0].chat.title or "",
        lines=[
            ChatLine(
                number=number,
                author=message.author.name if message.author else "",
                sent_at=message.sent_at,
                text=message.text,
                reply_to=numbers.get((message.chat.id, message.reply_to_message_id or 0)),
                context=message.id not in taken,
            )
            for number, message in enumerate(lines, start=1)
        ],
        known_topics=list(known_topics),
    )


def _key(taken: Sequence[MessageRecord], session: AgentSession) -> str:
    """Names a question by its messages and by who is asked; not by what is known beside, which changes."""
    agent, provider = session.agent, session.provider
    whom = (provider.id, agent.model or provider.chat_model, agent.language, agent.instructions)
    digest = hashlib.sha256(repr(whom).encode())
    for message in taken:
        digest.update(f"{message.id}:{message.content_hash}\n".encode())
    return digest.hexdigest()
