"""Vectors are made once as long as they are remembered, and what is remembered is bounded."""

import asyncio
from array import array
from collections.abc import Sequence

import pytest

from shared.llm import EmbeddedBatch, Usage
from shared.llm.remembering import RememberingEmbedder, VectorMemory


class Lengths:
    """Embeds a text by its length; an empty one fails. Remembers what it was asked for."""

    def __init__(self) -> None:
        self.asked: list[list[str]] = []

    async def embed_documents(self, texts: Sequence[str]) -> EmbeddedBatch:
        self.asked.append(list(texts))
        empty = {place: "The text is empty." for place, text in enumerate(texts) if not text}
        return EmbeddedBatch(
            [[float(len(text)), 0.1] if text else None for text in texts],
            empty,
            Usage(input_tokens=len(texts)),
        )

    async def embed_queries(self, texts: Sequence[str]) -> EmbeddedBatch:
        return await self.embed_documents(texts)


def documents(embedder: RememberingEmbedder, *texts: str) -> EmbeddedBatch:
    return asyncio.run(embedder.embed_documents(texts))


def numbers(batch: EmbeddedBatch) -> list[list[float] | None]:
    return [None if vector is None else list(vector) for vector in batch.vectors]


def test_each_text_is_made_once_and_answered_in_its_place() -> None:
    maker = Lengths()
    embedder = RememberingEmbedder(maker, "model", VectorMemory(10))
    first = documents(embedder, "a", "bb", "a")
    second = documents(embedder, "ccc", "bb", "a")
    assert numbers(first) == [[1.0, 0.1], [2.0, 0.1], [1.0, 0.1]]
    assert numbers(second) == [[3.0, 0.1], [2.0, 0.1], [1.0, 0.1]]
    assert maker.asked == [["a", "bb"], ["ccc"]]
    assert (first.usage.input_tokens, second.usage.input_tokens) == (2, 1)


def test_nobody_is_asked_when_all_is_remembered() -> None:
    maker = Lengths()
    embedder = RememberingEmbedder(maker, "model", VectorMemory(10))
    documents(embedder, "a")
    assert documents(embedder, "a").usage == Usage()
    assert numbers(documents(embedder)) == []
    assert maker.asked == [["a"]]


def test_failure_is_told_at_each_of_its_places_and_not_remembered() -> None:
    maker = Lengths()
    embedder = RememberingEmbedder(maker, "model", VectorMemory(10))
    documents(embedder, "a")
    batch = documents(embedder, "", "a", "")
    assert batch.failures == {0: "The text is empty.", 2: "The text is empty."}
    assert numbers(batch) == [None, [1.0, 0.1], None]
    documents(embedder, "")
    assert maker.asked == [["a"], [""], [""]]


def test_another_model_has_vectors_of_its_own() -> None:
    maker, memory = Lengths(), VectorMemory[tuple[object, str]](10)
    documents(RememberingEmbedder(maker, "one", memory), "a")
    documents(RememberingEmbedder(maker, "other", memory), "a")
    documents(RememberingEmbedder(maker, "one", memory), "a")
    assert maker.asked == [["a"], ["a"]]


def test_queries_are_asked_for_each_time() -> None:
    maker = Lengths()
    embedder = RememberingEmbedder(maker, "model", VectorMemory(10))
    for _ in range(2):
        asyncio.run(embedder.embed_queries(["a"]))
    assert maker.asked == [["a"], ["a"]]


def test_what_was_not_used_for_longest_is_forgotten() -> None:
    memory = VectorMemory[str](2)
    memory.keep("a", [1.0])
    memory.keep("b", [2.0])
    assert memory.get("a") == array("d", [1.0])
    memory.keep("c", [3.0])
    assert ("a" in memory, "b" in memory, "c" in memory) == (True, False, True)
    assert memory.get("b") is None


def test_what_was_made_too_long_ago_is_made_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    now = 1000.0
    monkeypatch.setattr("shared.llm.remembering.time.monotonic", lambda: now)
    memory = VectorMemory[str](2, lasts=60)
    memory.keep("a", [1.0])
    now += 59
    assert memory.get("a") == array("d", [1.0])
    now += 1  # that it was used does not count
    assert memory.get("a") is None
    memory.keep("a", [2.0])
    assert memory.get("a") == array("d", [2.0])


def test_numbers_are_kept_as_exactly_as_they_came() -> None:
    memory = VectorMemory[str](2)
    memory.keep("a", [0.1, 1 / 3])
    memory.keep("b", array("f", [0.1]))
    assert list(memory.get("a") or ()) == [0.1, 1 / 3]
    assert memory.get("b") == array("f", [0.1])
