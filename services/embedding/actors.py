"""What embedding does when it is told to."""

from collections.abc import Sequence
from uuid import UUID

from services.embedding.batches import embed_lacking, embed_these
from services.embedding.building import build_space
from services.embedding.embedders import RefusedError
from services.embedding.indexing import Told, index_together, scored_texts, take_in_all
from services.embedding.repository.spaces import live_spaces
from services.embedding.reviewing import review_spaces
from services.embedding.spaces import Space
from shared.contracts.embedding import (
    BuildVectorSpace,
    EmbedAtomsBatch,
    EmbedMessagesBatch,
    EmbedMissing,
    EmbedTopicsBatch,
    IndexMessages,
    ItemKind,
    ReviewVectorSpaces,
    ScoredText,
)
from shared.messaging.together import Together
from shared.messaging.transaction import transaction
from shared.service import FinalFailure, actor

_HOUR = 3600.0
_DAY = 24 * _HOUR

_indexing = Together(index_together, most=20)


@actor(IndexMessages)
async def index_messages_task(message_ids: list[int], messages: list[ScoredText] | None) -> None:
    """Take messages into search. A second run finds the same text and class, and nothing left to embed."""
    asked = messages is None
    await _indexing.do(Told(await scored_texts(message_ids) if messages is None else messages, asked))


@actor(EmbedMessagesBatch, time_limit=_HOUR)
async def embed_messages_batch_task(message_ids: list[int], provider_id: UUID | None) -> dict[str, int]:
    """Embed messages. A second run skips what the first has embedded."""
    return await _embed("message", message_ids, provider_id)


@actor(EmbedAtomsBatch, time_limit=_HOUR)
async def embed_atoms_batch_task(atom_ids: list[int], provider_id: UUID | None) -> dict[str, int]:
    """Take atoms in as they are now and embed them. A second run skips what the first has embedded."""
    return await _embed("atom", atom_ids, provider_id)


@actor(EmbedTopicsBatch, time_limit=_HOUR)
async def embed_topics_batch_task(topic_ids: list[int], provider_id: UUID | None) -> dict[str, int]:
    """Take topics in as they are now and embed them. A second run skips what the first has embedded."""
    return await _embed("topic", topic_ids, provider_id)


@actor(EmbedMissing, time_limit=_DAY)
async def embed_missing_task(kind: ItemKind, provider_id: UUID | None, refresh: bool) -> dict[str, int]:  # noqa: FBT001 - the command's field
    """Embed what has no vector. A second run passes over what the first has embedded."""
    spaces = await _live(provider_id)
    if refresh:
        await take_in_all(kind)
    try:
        return (await embed_lacking(kind, spaces)).as_result()
    except RefusedError as error:
        raise FinalFailure(str(error)) from error


@actor(BuildVectorSpace, time_limit=_DAY)
async def build_vector_space_task(space_id: int) -> dict[str, int]:
    """Fill a space and let it take over. A second run goes on where the first ended."""
    return await build_space(space_id)


@actor(ReviewVectorSpaces)
async def review_vector_spaces_task() -> None:
    """See to it that the active embedder's space is there or on its way. A second run finds it so."""
    await review_spaces()


async def _embed(kind: ItemKind, ids: Sequence[int], provider_id: UUID | None) -> dict[str, int]:
    return (await embed_these(kind, ids, await _live(provider_id))).as_result()


async def _live(provider_id: UUID | None) -> list[Space]:
    async with transaction() as tx:
        spaces = await live_spaces(tx, provider_id)
    if provider_id is not None and not spaces:
        raise FinalFailure(
            f"There is no vector space of provider {provider_id}: it is made when an active embedder uses it."
        )
    return spaces
