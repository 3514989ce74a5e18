"""How good search is: `python -m tests.benchmarks.search_quality`.

The labelled messages and queries of `search/` go through the service as scored messages and searches do, with
the real local model. Beside the search itself: meaning alone and words alone, over all messages.
"""

import json
import statistics
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from deploy.local.embeddings import running_embeddings
from deploy.local.nats import running_nats
from deploy.local.postgres import running_postgres
from services.embedding.actors import review_vector_spaces_task
from services.embedding.asking import read_query
from services.embedding.embedders import vectors_of
from services.embedding.queries import find_by_meaning_and_words
from services.embedding.repository.hits import compare
from services.embedding.repository.spaces import active_space
from services.embedding.vectors import Meaning
from shared.contracts.embedding import Search
from shared.messaging.transaction import transaction
from tests.conftest import make_database
from tests.fakes.llm import LlmServer
from tests.integration.embedding.world import World, message, scored, work_off

_FOLDER = Path(__file__).with_name("search")
_FIVE = 5
_DEEP = 100
_ALL = "all"


@dataclass(frozen=True)
class Query:
    """A labelled query, with the ids of the messages that answer it."""

    text: str
    kind: str
    relevant: frozenset[int]


def read_corpus() -> dict[int, str]:
    """The labelled messages by their ids."""
    return {each["id"]: each["text"] for each in json.loads((_FOLDER / "corpus.json").read_text())}


def read_queries() -> list[Query]:
    """The labelled queries."""
    found = json.loads((_FOLDER / "queries.json").read_text())
    return [Query(each["query"], each["kind"], frozenset(each["relevant"])) for each in found]


@contextmanager
def running_world(folder: Path) -> Iterator[World]:
    """Embedding with the real local model, and nothing else that is real around it."""
    with (
        running_postgres(folder / "postgres") as postgres,
        running_nats(folder / "nats") as nats,
        running_embeddings(folder) as embeddings,
    ):
        world = World(LlmServer(url=embeddings), make_database(postgres), nats, "bench")
        world.use(
            type="local",
            base_url=None,
            basic_mode=True,
            document_model="e5-passage",
            query_model="e5-query",
        )
        yield world


async def rank_by_each(corpus: Mapping[int, str], queries: Sequence[Query]) -> dict[str, list[list[int]]]:
    """For each way of searching the ids that each query finds, best first."""
    await review_vector_spaces_task()
    await work_off()
    found: dict[str, list[list[int]]] = {"search": [], "meaning alone": [], "words alone": []}
    async with transaction() as tx:
        space = await active_space(tx)
    assert space is not None, "the local model did not answer"
    for query in queries:
        page = await find_by_meaning_and_words(Search(query=query.text, kinds=["message"], limit=_DEEP))
        assert page.degraded is None, page.degraded
        found["search"].append([hit.id for hit in page.items])
        meaning = Meaning(space.id, await vectors_of(space, [query.text], "query"))
        async with transaction() as tx:
            folded = read_query(query.text).folded
            compared = await compare(tx, "message", list(corpus), folded, meaning, near={})
        by_meaning = sorted(compared, key=lambda each: -(each.vector or -1.0))
        found["meaning alone"].append([each.id for each in by_meaning])
        by_words = sorted(compared, key=lambda each: -each.words)
        found["words alone"].append([each.id for each in by_words])
    return found


def recall(found: Sequence[int], relevant: frozenset[int]) -> float:
    """Which share of the relevant messages is among the first five."""
    return len(relevant & set(found[:_FIVE])) / len(relevant)


def reciprocal_rank(found: Sequence[int], relevant: frozenset[int]) -> float:
    """One by the place of the first relevant message; 0 when there is none."""
    return next((1 / place for place, number in enumerate(found, 1) if number in relevant), 0.0)


def report(queries: Sequence[Query], rankings: Mapping[str, list[list[int]]]) -> None:
    """Print recall@5 and MRR by kind of query."""
    kinds = [*dict.fromkeys(query.kind for query in queries), _ALL]
    print(f"{len(queries)} queries, recall@5 / MRR\n")
    print(f"{'':<18}" + "".join(f"{kind:>18}" for kind in kinds))
    for name, found in rankings.items():
        cells = []
        for kind in kinds:
            places = [place for place, query in enumerate(queries) if kind in (_ALL, query.kind)]
            shares = [recall(found[place], queries[place].relevant) for place in places]
            ranks = [reciprocal_rank(found[place], queries[place].relevant) for place in places]
            cells.append(f"{statistics.fmean(shares):.3f} / {statistics.fmean(ranks):.3f}")
        print(f"{name:<18}" + "".join(f"{cell:>18}" for cell in cells))


def main() -> None:
    """Measure the labelled queries."""
    corpus, queries = read_corpus(), read_queries()
    with (
        tempfile.TemporaryDirectory(prefix="task-tracker-quality-") as folder,
        running_world(Path(folder)) as world,
    ):
        world.know(*(scored(message(number, text)) for number, text in corpus.items()))

        async def measure() -> Any:
            return await rank_by_each(corpus, queries)

        report(queries, world.run(measure))


if __name__ == "__main__":
    main()
