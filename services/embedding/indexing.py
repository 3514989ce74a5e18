"""Taking texts in: scored messages as they come or as others know them, atoms and topics from knowledge."""

from collections.abc import Sequence
from dataclasses import dataclass

from services.embedding.repository.knowledge import forget_knowledge, keep_knowledge, one_at_a_time
from services.embedding.repository.messages import disputed_classes, keep_messages, outdated_messages
from services.embedding.repository.spaces import live_spaces, spaces_with_tables
from services.embedding.repository.texts import lacking_of
from services.embedding.repository.vectors import follow_texts, forget_failures
from shared.contracts.embedding import EmbedMessagesBatch, IndexMessages, ItemKind, ScoredText
from shared.contracts.ingestion import GetTexts, MessageText
from shared.contracts.knowledge import EntityKind, GetKnowledgeTexts, KnowledgeText
from shared.messaging.messages import scores_of, texts_of
from shared.messaging.queries import ask
from shared.messaging.together import Piece
from shared.messaging.transaction import Transaction, transaction

_EMBEDDED_AT_ONCE = 500
_PATIENCE = 15.0


@dataclass(frozen=True, slots=True)
class Told:
    """Scored messages of one command; `asked` when scoring was asked for their classes just now."""

    scored: Sequence[ScoredText]
    asked: bool


async def index_together(tx: Transaction, pieces: Sequence[Piece[Told]]) -> None:
    """Take messages in, and send what is to be embedded of them together, within the first's chain."""
    ids: set[int] = set()
    for asked in (False, True):
        scored = [each for piece in pieces if piece.item.asked is asked for each in piece.item.scored]
        ids |= {each.message.id for each in scored}
        disputed = [] if asked else await disputed_classes(tx, scored)
        if disputed:
            pieces[0].within(tx.send, IndexMessages(message_ids=disputed))
        await index_messages(tx, scored, asked=asked)
    lacking: set[int] = set()
    for space in await live_spaces(tx):
        lacking |= await lacking_of(tx, "message", space.id, sorted(ids))
    waiting = sorted(lacking)
    for start in range(0, len(waiting), _EMBEDDED_AT_ONCE):
        batch = waiting[start : start + _EMBEDDED_AT_ONCE]
        pieces[0].within(tx.send, EmbedMessagesBatch(message_ids=batch))


async def index_messages(tx: Transaction, scored: Sequence[ScoredText], *, asked: bool) -> None:
    """Take messages in, the newest text of each; vectors of what became noise or says something else go."""
    if scored:
        await _follow(tx, "message", await keep_messages(tx, scored, asked=asked))


async def scored_texts(message_ids: Sequence[int]) -> list[ScoredText]:
    """These messages as ingestion and scoring know them; those without a score are left out.

    Raises:
        QueryError: `unavailable`, when one of the two does not answer.
    """
    return await _with_scores(await texts_of(message_ids))


async def index_page_of_messages(after_id: int) -> int | None:
    """Take in what ingestion has after an id and we have not, a page of it.

    Returns:
        Where the next page begins; None when this was the last.
    """
    page = await ask(GetTexts(after_id=after_id), timeout=_PATIENCE)
    async with transaction() as tx:
        outdated = await outdated_messages(
            tx, [each.id for each in page.items], [each.content_hash for each in page.items]
        )
    if outdated:
        scored = await _with_scores([each for each in page.items if each.id in outdated])
        async with transaction() as tx:
            await index_messages(tx, scored, asked=True)
    return page.next_after_id


async def index_knowledge(kind: EntityKind, ids: Sequence[int]) -> None:
    """Take these atoms or topics in as knowledge has them now; what it has no more is forgotten.

    Raises:
        QueryError: `unavailable`, when knowledge does not answer.
    """
    async with transaction() as tx:
        await one_at_a_time(tx, kind)
        found: list[KnowledgeText] = []
        left = sorted(set(ids))
        while left:
            page = await ask(GetKnowledgeTexts(entity=kind, ids=left), timeout=_PATIENCE)
            found += page.items
            through = page.next_after_id
            left = [] if through is None else [number for number in left if number > through]
        gone = set(ids) - {each.id for each in found}
        await keep_knowledge(tx, kind, found)
        await forget_knowledge(tx, kind, sorted(gone))
        await _follow(tx, kind, ids)


async def index_page_of_knowledge(kind: EntityKind, after_id: int) -> int | None:
    """Take in what knowledge has after an id, a page of it; returns where the next page begins."""
    async with transaction() as tx:
        await one_at_a_time(tx, kind)
        page = await ask(GetKnowledgeTexts(entity=kind, after_id=after_id), timeout=_PATIENCE)
        await keep_knowledge(tx, kind, page.items)
        await _follow(tx, kind, [each.id for each in page.items])
    return page.next_after_id


async def take_in_all(kind: ItemKind) -> None:
    """Take in what other services have of a kind and embedding has not.

    Raises:
        QueryError: `unavailable`, when one of them does not answer.
    """
    after: int | None = 0
    while after is not None:
        if kind == "message":
            after = await index_page_of_messages(after)
        else:
            after = await index_page_of_knowledge(kind, after)


async def _follow(tx: Transaction, kind: ItemKind, ids: Sequence[int]) -> None:
    """Bring every space in step with what these items are now."""
    if not ids:
        return
    for space in await spaces_with_tables(tx):
        await follow_texts(tx, kind, space.id, ids)
    await forget_failures(tx, kind, ids)


async def _with_scores(texts: Sequence[MessageText]) -> list[ScoredText]:
    scores = await scores_of([each.id for each in texts])
    return [
        ScoredText(
            message=each,
            message_class=scores[each.id].message_class,
            importance_score=scores[each.id].importance_score,
        )
        for each in texts
        if each.id in scores
    ]
