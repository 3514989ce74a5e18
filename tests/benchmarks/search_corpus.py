"""Generated messages in clusters, with vectors beside their texts, put into a vector space of their own."""

import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID

import asyncpg
import numpy as np
from numpy.typing import NDArray

from services.embedding.repository.space_tables import index_filled, make_tables
from services.embedding.repository.spaces import activate_space, make_space, note_measures
from services.embedding.spaces import Target
from services.embedding.vectors import as_sql
from shared.language.folding import fold
from shared.messaging.transaction import transaction
from tests.benchmarks.chatter import chatter

DIMENSION = 384
SMALL_CHAT, SMALL_AUTHOR = 99, 7
"""Each has a hundredth of the messages."""

_CLUSTERS = 400
_CHATS = 30
_AUTHORS = 100
_BEGAN = datetime(2026, 1, 1, tzinfo=UTC)
_APART = timedelta(minutes=3)
_MEMORY_MB = 256

Vectors = NDArray[np.float32]


def unit(vectors: NDArray[np.float64]) -> Vectors:
    """Each vector at the length 1."""
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    return np.asarray(vectors / lengths, dtype=np.float32)


def _falling(count: int) -> NDArray[np.float64]:
    weights = 1 / np.arange(1, count + 1)
    return np.asarray(weights / weights.sum())


@dataclass(frozen=True)
class Corpus:
    """Generated messages: their texts, vectors and what they are filtered by. Ids count from 1."""

    texts: list[str]
    vectors: Vectors
    chats: NDArray[np.int64]
    authors: NDArray[np.int64]
    signals: NDArray[np.bool_]

    def sent_at(self, place: int) -> datetime:
        """When a message was sent."""
        return _BEGAN + _APART * place


def generate(count: int, seed: int = 7) -> Corpus:
    """Messages in clusters: of each chat's messages most are about few things."""
    dice = np.random.default_rng(seed)
    latent = 48
    centres = dice.standard_normal((_CLUSTERS, latent))
    chats = dice.choice(np.arange(1, _CHATS + 1), size=count, p=_falling(_CHATS))
    chats[dice.random(count) < 0.01] = SMALL_CHAT
    own = (chats * 13) % _CLUSTERS
    clusters = np.where(
        dice.random(count) < 0.5,
        (own + dice.integers(0, 20, count)) % _CLUSTERS,
        dice.integers(0, _CLUSTERS, count),
    )
    points = centres[clusters] + 0.8 * dice.standard_normal((count, latent))
    vectors = points @ (dice.standard_normal((latent, DIMENSION)) / np.sqrt(latent))
    vectors += 0.2 * dice.standard_normal((count, DIMENSION)) + 0.5 * dice.standard_normal((1, DIMENSION))
    return Corpus(
        texts=list(chatter(count, seed)),
        vectors=unit(vectors),
        chats=chats,
        authors=dice.integers(1, _AUTHORS + 1, count),
        signals=dice.random(count) < 0.25,
    )


async def fill(corpus: Corpus, database_url: str) -> int:
    """Make a space with these messages in it, indexed and active; returns its id."""
    target = Target(UUID(int=1), "generated", "generated", DIMENSION, basic_mode=False, changed_at=_BEGAN)
    async with transaction() as tx:
        space_id = await make_space(tx, target)
        await note_measures(tx, space_id, DIMENSION)
        await make_tables(tx, space_id, DIMENSION)
    connection = await asyncpg.connect(database_url)
    try:
        await _copy(connection, corpus, space_id)
        began = time.perf_counter()
        await index_filled(space_id, _MEMORY_MB)
        print(f"  indexed in {time.perf_counter() - began:.0f} s")
        await connection.execute("VACUUM (ANALYZE) embedding.message_texts")
        await connection.execute(f"VACUUM (ANALYZE) embedding.message_vectors_{space_id}")
    finally:
        await connection.close()
    async with transaction() as tx:
        await activate_space(tx, space_id)
    return space_id


async def _copy(connection: "asyncpg.Connection[asyncpg.Record]", corpus: Corpus, space_id: int) -> None:
    classes = np.where(corpus.signals, "signal", "weak_signal").tolist()
    chats, authors = corpus.chats.tolist(), corpus.authors.tolist()
    rows = [
        (place + 1, chats[place], authors[place], corpus.sent_at(place), classes[place])
        for place in range(len(corpus.texts))
    ]
    texts = [
        (*row[:4], row[3], row[4], True, text, fold(text), "-")
        for row, text in zip(rows, corpus.texts, strict=True)
    ]
    columns = ["message_id", "chat_id", "author_id", "sent_at", "written_at", "message_class", "has_text"]
    await connection.copy_records_to_table(
        "message_texts",
        schema_name="embedding",
        records=texts,
        columns=[*columns, "text", "folded", "content_hash"],
    )
    await connection.execute(
        "CREATE TABLE embedding.loaded (id bigint, chat_id bigint, author_id bigint, sent_at timestamptz,"
        " message_class text, literal text)"
    )
    loaded = ((*row, as_sql(vector)) for row, vector in zip(rows, corpus.vectors.tolist(), strict=True))
    await connection.copy_records_to_table("loaded", schema_name="embedding", records=loaded)
    await connection.execute(
        f"INSERT INTO embedding.message_vectors_{space_id} (item_id, chat_id, author_id, sent_at,"  # noqa: S608
        " message_class, content_hash, embedding) SELECT id, chat_id, author_id, sent_at, message_class, '-',"
        " CAST(literal AS halfvec) FROM embedding.loaded"
    )
    await connection.execute("DROP TABLE embedding.loaded")
