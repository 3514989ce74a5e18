"""How fast search is and how much of what is nearest it finds: `python -m tests.benchmarks.search [VECTORS]`.

Generated, clustered vectors of 384 numbers with generated chat beside them, in a throwaway Postgres with the
settings of a local run. Searches go through the service's own code; only the query's vector is given, as no
provider is to be measured. Beside them: the bare pgvector query for the same ten neighbours, in the same run.
"""

import asyncio
import random
import statistics
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import asyncpg
import msgspec
import numpy as np
from numpy.typing import NDArray

from deploy.local.postgres import running_postgres
from services.embedding.embedders import remember
from services.embedding.queries import find_by_meaning_and_words
from services.embedding.repository.neighbours import nearest, tune
from services.embedding.vectors import Meaning, as_sql
from services.embedding.wanted import wanted_by_search
from shared.contracts.embedding import Search
from shared.database.engine import bind_database, dispose_database
from shared.messaging.connection import bind_nats
from shared.messaging.transaction import transaction
from tests.benchmarks.search_corpus import (
    DIMENSION,
    SMALL_AUTHOR,
    SMALL_CHAT,
    Corpus,
    fill,
    generate,
    unit,
)
from tests.conftest import make_database

_QUERIES = 100
_TRIES = 3
_WARM = 20
_TEN = 10


@dataclass(frozen=True)
class Narrowing:
    """What searches are narrowed to.

    Attributes:
        where: The same for the bare query.
        kept: Which messages remain.
    """

    name: str
    fields: dict[str, object]
    where: str
    kept: NDArray[np.bool_]


@dataclass(frozen=True)
class Asked:
    """A query: words of some message, and a vector near to its own."""

    text: str
    vector: list[float]


def ask_about(corpus: Corpus, seed: int = 11) -> list[Asked]:
    """Queries of two to six words that stand in some message."""
    dice = random.Random(seed)  # noqa: S311 - repeatable, not secret
    noise = np.random.default_rng(seed)
    asked: dict[str, Asked] = {}
    while len(asked) < _QUERIES:
        place = dice.randrange(len(corpus.texts))
        words = corpus.texts[place].split()
        start = dice.randrange(len(words) - 1)
        text = " ".join(words[start : start + dice.randint(2, 6)])
        near = corpus.vectors[place] + 0.5 * noise.standard_normal(DIMENSION) / np.sqrt(DIMENSION)
        asked[text] = Asked(text, unit(near[None, :])[0].tolist())
    return list(asked.values())


def narrowings(corpus: Corpus) -> list[Narrowing]:
    """Nothing, a hundredth, a tenth, a quarter, and a chat's last third."""
    count = len(corpus.texts)
    places = np.arange(count)
    tenth, third = count * 9 // 10, count * 7 // 10
    since_tenth, since_third = corpus.sent_at(tenth), corpus.sent_at(third)
    return [
        Narrowing("everything", {}, "true", np.ones(count, dtype=np.bool_)),
        Narrowing(
            "1 % (a small chat)",
            {"chat_ids": [SMALL_CHAT]},
            f"chat_id = {SMALL_CHAT}",
            corpus.chats == SMALL_CHAT,
        ),
        Narrowing(
            "1 % (an author)",
            {"author_id": SMALL_AUTHOR},
            f"author_id = {SMALL_AUTHOR}",
            corpus.authors == SMALL_AUTHOR,
        ),
        Narrowing("10 % (time)", {"since": since_tenth}, f"sent_at >= '{since_tenth}'", places >= tenth),
        Narrowing("25 % (signals)", {"message_class": "signal"}, "message_class = 'signal'", corpus.signals),
        Narrowing(
            "a large chat and time",
            {"chat_ids": [1], "since": since_third},
            f"chat_id = 1 AND sent_at >= '{since_third}'",
            (corpus.chats == 1) & (places >= third),
        ),
    ]


@dataclass(frozen=True)
class Measured:
    """Milliseconds of each query at its first try and at its best, and the share of the nearest it found."""

    first: list[float]
    times: list[float]
    recall: float

    @property
    def median(self) -> float:
        return statistics.median(self.times)

    @property
    def p95(self) -> float:
        return _p95(self.times)

    @property
    def first_p95(self) -> float:
        return _p95(self.first)


def _p95(times: list[float]) -> float:
    return sorted(times)[len(times) * 95 // 100]


async def measure(
    corpus: Corpus,
    asked: Sequence[Asked],
    narrowing: Narrowing,
    find: Callable[[Asked], Awaitable[list[int]]],
) -> Measured:
    """Ask every query; `find` answers with ids, of which the first ten are held against the truth.

    A query's time is the best of three: what else the machine does is not to count. What it adds shows in the
    first try.
    """
    first, times, shares = [], [], []
    for query in asked:
        tries = []
        for _ in range(_TRIES):
            began = time.perf_counter()
            found = await find(query)
            tries.append((time.perf_counter() - began) * 1000)
        first.append(tries[0])
        times.append(min(tries))
        cosines = np.where(narrowing.kept, corpus.vectors @ np.asarray(query.vector, dtype=np.float32), -2)
        truth = {int(place) + 1 for place in np.argsort(-cosines)[: min(_TEN, int(narrowing.kept.sum()))]}
        shares.append(len(truth & set(found[:_TEN])) / len(truth))
    return Measured(first, times, statistics.fmean(shares))


async def report(corpus: Corpus, space_id: int, database_url: str) -> None:
    """Measure and print each narrowing."""
    asked = ask_about(corpus)
    bare = await asyncpg.connect(database_url, server_settings={"jit": "off"})
    row = "{:<24}{:>9} | {:>8}{:>8}{:>10} | {:>8}{:>8}{:>9} | {:>8}{:>8}{:>9}{:>8}"
    print(f"{'':33} | {'whole search':^26} | {'its nearest ten':^25} | {'bare pgvector, ten':^33}")
    print(
        row.format(
            "narrowed to",
            "rows",
            "p50 ms",
            "p95 ms",
            "first p95",
            "p50 ms",
            "p95 ms",
            "recall",
            "p50 ms",
            "p95 ms",
            "recall",
            "ratio",
        )
    )
    for narrowing in narrowings(corpus):
        # Anew each time: what is remembered is believed for some minutes only.
        remember(space_id, "query", {each.text: each.vector for each in asked})
        query = msgspec.convert({"query": "-", "kinds": ["message"], **narrowing.fields}, Search)

        async def search(each: Asked, query: Search = query) -> list[int]:
            page = await find_by_meaning_and_words(msgspec.structs.replace(query, query=each.text))
            return [hit.id for hit in page.items]

        async def own(each: Asked, query: Search = query) -> list[int]:
            async with transaction() as tx:
                await tune(tx)
                meaning = Meaning(space_id, [each.vector])
                (found,) = await nearest(tx, "message", meaning, wanted_by_search(query), _TEN)
            return [near.id for near in found.items]

        bare_query = (
            f"SELECT item_id FROM embedding.message_vectors_{space_id} WHERE {narrowing.where}"  # noqa: S608
            f" ORDER BY embedding <=> CAST($1 AS text)::halfvec LIMIT {_TEN}"
        )

        async def plain(each: Asked, bare_query: str = bare_query) -> list[int]:
            return [row["item_id"] for row in await bare.fetch(bare_query, as_sql(each.vector))]

        for warm in asked[:_WARM]:
            await search(warm)
            await plain(warm)
        whole, near, beside = [await measure(corpus, asked, narrowing, find) for find in (search, own, plain)]
        print(
            row.format(
                narrowing.name,
                f"{narrowing.kept.sum():,}",
                f"{whole.median:.1f}",
                f"{whole.p95:.1f}",
                f"{whole.first_p95:.1f}",
                f"{near.median:.1f}",
                f"{near.p95:.1f}",
                f"{near.recall:.3f}",
                f"{beside.median:.1f}",
                f"{beside.p95:.1f}",
                f"{beside.recall:.3f}",
                f"{near.median / beside.median:.2f}",
            )
        )
    await bare.close()
    print("\nNarrowed, the bare query leaves out of what the index has nearest: mind its recall.")


async def run(corpus: Corpus, database_url: str) -> None:
    """Fill, measure, print."""
    bind_database(database_url, "embedding")
    bind_nats("nats://127.0.0.1:1")
    try:
        await report(corpus, await fill(corpus, database_url), database_url)
    finally:
        await dispose_database()


def main(count: int) -> None:
    """Measure so many vectors."""
    corpus = generate(count)
    print(f"{count:,} vectors of {DIMENSION} numbers, {_QUERIES} queries each, the best of three tries")
    with (
        tempfile.TemporaryDirectory(prefix="task-tracker-search-") as folder,
        running_postgres(Path(folder)) as url,
    ):
        database = make_database(url)
        asyncio.run(run(corpus, database.url("embedding")))


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 100_000)
