"""Vectors over real HTTP: batches, bad texts, models, accounts."""

import asyncio
import math
from collections.abc import Sequence
from typing import Any

import msgspec
import pytest

from shared.contracts.analysis import LlmCall, Prices
from shared.llm import (
    EmbeddedBatch,
    LlmError,
    ProviderRefusedError,
    ProviderUnavailableError,
    Vector,
    open_embedder_on,
)
from tests.fakes.llm import Fails, Garbage, Hangs, vector_of
from tests.integration.llm.stage import Stage, recorded_calls


def embed(stage: Stage, texts: Sequence[str], *, queries: bool = False, **provider: Any) -> EmbeddedBatch:
    async def scenario() -> EmbeddedBatch:
        embedder = open_embedder_on(stage.provider(**provider))
        return await (embedder.embed_queries(texts) if queries else embedder.embed_documents(texts))

    return stage.run(scenario)


def fail(stage: Stage, texts: Sequence[str], **provider: Any) -> LlmError:
    with pytest.raises(LlmError) as caught:
        embed(stage, texts, **provider)
    return caught.value


def cosine(one: Vector | None, other: Sequence[float]) -> float:
    assert one is not None
    return sum(a * b for a, b in zip(one, other, strict=True)) / math.hypot(*other)


def test_vectors_are_of_unit_length_and_in_order(stage: Stage) -> None:
    texts = [f"message number {number}" for number in range(250)]
    batch = embed(stage, texts)
    assert not batch.failures
    for text, vector in zip(texts, batch.vectors, strict=True):
        assert cosine(vector, vector_of(text, 64)) == pytest.approx(1.0)
        assert math.hypot(*(vector or ())) == pytest.approx(1.0)
    assert [len(request.texts) for request in stage.llm.embeddings.requests] == [100, 100, 50]


def test_documents_and_queries_have_their_own_model(stage: Stage) -> None:
    models: dict[str, Any] = {"document_model": "e5-passage", "query_model": "e5-query"}
    embed(stage, ["a"], **models)
    embed(stage, ["a"], queries=True, **models)
    embed(stage, ["a"], queries=True, document_model="both", query_model=None)
    asked = [request.model for request in stage.llm.embeddings.requests]
    assert asked == ["e5-passage", "e5-query", "both"]


def test_server_without_base64_is_asked_for_numbers_and_remembered(stage: Stage) -> None:
    async def scenario() -> list[Vector | None]:
        embedder = open_embedder_on(stage.provider())
        stage.llm.embeddings.then(Fails(400, "Unknown encoding_format: base64", param="encoding_format"))
        return [
            *(await embedder.embed_documents(["a"])).vectors,
            *(await embedder.embed_documents(["a"])).vectors,
        ]

    first, second = stage.run(scenario)
    assert first == second
    asked = [request.body["encoding_format"] for request in stage.llm.embeddings.requests]
    assert asked == ["base64", "float", "float"]


def test_empty_and_blank_texts_fail_without_a_call(stage: Stage) -> None:
    batch = embed(stage, ["", "a", " \n\x00"])
    assert [vector is None for vector in batch.vectors] == [True, False, True]
    assert set(batch.failures) == {0, 2}
    assert embed(stage, []).vectors == []
    assert [request.texts for request in stage.llm.embeddings.requests] == [["a"]]


def test_texts_are_made_fit_to_be_sent(stage: Stage) -> None:
    batch = embed(stage, ["half \ud800 of one", "bell\x07", "ї" * 50_000])
    assert not batch.failures
    sent = stage.llm.embeddings.requests[0].texts
    assert sent[:2] == ["half \ufffd of one", "bell"]
    assert len(sent[2]) == 16_000


@pytest.mark.parametrize("status", [400, 422, 500])
def test_poisoned_text_fails_alone(stage: Stage, status: int) -> None:
    stage.llm.poison_with("poison", Fails(status, "Cannot tokenise."))
    texts = [f"text {number}" for number in range(60)]
    texts[17] = "poison"
    batch = embed(stage, texts)
    assert list(batch.failures) == [17]
    assert "Cannot tokenise." in batch.failures[17]
    assert [place for place, vector in enumerate(batch.vectors) if vector is None] == [17]
    assert len(stage.llm.embeddings.requests) < 40


@pytest.mark.parametrize(
    ("reaction", "error"),
    [
        (Fails(503), ProviderUnavailableError),
        (Fails(500), ProviderUnavailableError),
        (Fails(429), ProviderUnavailableError),
        (Fails(400, "This model makes no vectors."), ProviderRefusedError),
        (Fails(404), ProviderRefusedError),
        (Garbage('{"object": "list", "data": []}', "application/json"), ProviderRefusedError),
    ],
)
def test_server_that_takes_nothing_fails_the_whole_batch(
    stage: Stage, reaction: Fails | Garbage, error: type[LlmError]
) -> None:
    stage.llm.embeddings.always(reaction)
    assert isinstance(fail(stage, [f"text {number}" for number in range(100)]), error)
    assert len(stage.llm.embeddings.requests) <= 6


def test_hanging_server_is_bounded(stage: Stage) -> None:
    stage.llm.embeddings.always(Hangs())
    assert isinstance(fail(stage, ["a"], timeout_seconds=0.1), ProviderUnavailableError)


def test_other_dimension_than_expected_is_refused(stage: Stage) -> None:
    assert embed(stage, ["a"], dimension=64).vectors[0] is not None
    error = fail(stage, ["a"], dimension=384)
    assert isinstance(error, ProviderRefusedError)
    assert "64 numbers" in str(error)
    assert "384" in str(error)


def test_vector_without_a_direction_fails_its_text(stage: Stage) -> None:
    data = [
        {"object": "embedding", "index": place, "embedding": vector}
        for place, vector in enumerate([[0, 0], [3, 4]])
    ]
    answer = {"object": "list", "model": "m", "data": data, "usage": {"prompt_tokens": 2, "total_tokens": 2}}
    stage.llm.embeddings.always(Garbage(msgspec.json.encode(answer).decode(), "application/json"))
    batch = embed(stage, ["a", "b"])
    assert batch.vectors == [None, [0.6, 0.8]]
    assert "no direction" in batch.failures[0]


def test_provider_without_a_model_says_so(stage: Stage) -> None:
    assert "document_model" in str(fail(stage, ["a"], document_model=None))


def test_documents_are_accounted_for_as_one_call(stage: Stage) -> None:
    async def scenario() -> tuple[EmbeddedBatch, list[LlmCall]]:
        batch = await open_embedder_on(stage.provider()).embed_documents(["a" * 400] * 150)
        return batch, await recorded_calls()

    batch, (call,) = stage.run(scenario)
    assert (call.kind, call.task, call.model) == ("embedding", "embed_documents", "embedding-model")
    assert call.attempts == 2
    assert call.input_tokens == batch.usage.input_tokens == 150 * 100
    assert call.cost == batch.usage.cost == pytest.approx(15_000 * 0.5 / 1e6)


def test_queries_that_cost_nothing_leave_no_record_but_those_that_fail_do(stage: Stage) -> None:
    async def scenario() -> list[list[LlmCall]]:
        found = []
        free = open_embedder_on(stage.provider(prices=Prices()))
        await free.embed_queries(["a"])
        found.append(await recorded_calls())
        await open_embedder_on(stage.provider()).embed_queries(["a"])
        found.append(await recorded_calls())
        stage.llm.embeddings.always(Fails(503))
        with pytest.raises(ProviderUnavailableError):
            await free.embed_queries(["a"])
        found.append(await recorded_calls())
        return found

    nothing, paid, failed = stage.run(scenario)
    assert (len(nothing), len(paid), len(failed)) == (0, 1, 2)
    assert "HTTP 503" in (failed[1].error or "")


def test_search_is_not_held_up_by_a_reindex(stage: Stage) -> None:
    async def scenario() -> EmbeddedBatch:
        embedder = open_embedder_on(stage.provider(max_concurrency=3))
        stage.llm.embeddings.then(Hangs(), Hangs())
        bulk = [asyncio.create_task(embedder.embed_documents([f"bulk {number}"])) for number in range(20)]
        await asyncio.to_thread(stage.llm.embeddings.wait_for, 2)
        found = await embedder.embed_queries(["urgent"])
        for each in bulk:
            each.cancel()
        await asyncio.gather(*bulk, return_exceptions=True)
        return found

    assert stage.run(scenario).vectors[0] is not None
    assert stage.llm.most_at_once == 3
