"""Basic mode: rules answer, and the real embedding server makes the vectors."""

from typing import Any

import msgspec
import pytest

from shared.contracts.analysis import LlmCall, ProviderAccess
from shared.llm import (
    AgentSession,
    Embedder,
    LlmError,
    ProviderRefusedError,
    ProviderUnavailableError,
    Reply,
    Vector,
    bind_llm,
    open_agent_on,
)
from tests.integration.llm.stage import (
    ENCRYPTION_KEY,
    QUICK,
    Lines,
    Stage,
    Verdict,
    judge,
    kept_answers,
    recorded_calls,
)


async def by_length(data: Lines, embedder: Embedder) -> Verdict:
    """Long lines are good ones."""
    del embedder
    return Verdict("good" if len(data.lines[0]) > 5 else "bad", 0.6)


def local(stage: Stage) -> ProviderAccess:
    changes: dict[str, Any] = {
        "type": "local",
        "base_url": None,
        "chat_model": None,
        "document_model": "e5-passage",
        "query_model": "e5-query",
        "dimension": 384,
    }
    return msgspec.structs.replace(stage.provider(**changes), sealed_key=None)


def session(stage: Stage, embeddings_url: str = "http://127.0.0.1:1/v1", **rules: Any) -> AgentSession:
    bind_llm(
        encryption_keys=ENCRYPTION_KEY,
        local_embeddings_url=embeddings_url,
        nats_url=stage.nats_url,
        namespace=stage.namespace,
        patience=QUICK,
    )
    return open_agent_on(stage.agent(local(stage)), rules=rules)


def test_rule_answers_and_is_accounted_for_at_no_cost(stage: Stage) -> None:
    async def scenario() -> tuple[Reply[Verdict], list[LlmCall], int]:
        chat = session(stage, judge=by_length).chat
        return await chat.ask(judge("a long line")), await recorded_calls(), await kept_answers()

    reply, (call,), kept = stage.run(scenario)
    assert (reply.answer, reply.model, reply.prompt) == (Verdict("good", 0.6), "local", "judge/rules")
    assert (reply.usage.tokens, reply.usage.cost) == (0, 0.0)
    assert (call.model, call.task, call.cost, call.cached, kept) == ("local", "judge", 0.0, False, 0)


def test_task_without_a_rule_says_so(stage: Stage) -> None:
    async def scenario() -> str:
        with pytest.raises(ProviderRefusedError) as caught:
            await session(stage).chat.ask(judge("a"))
        return str(caught.value)

    assert "no rule for judge" in stage.run(scenario)


def test_rule_that_cannot_embed_fails_as_the_provider_does(stage: Stage) -> None:
    async def by_meaning(data: Lines, embedder: Embedder) -> Verdict:
        await embedder.embed_documents(data.lines)
        raise AssertionError

    async def scenario() -> tuple[LlmError, list[LlmCall]]:
        with pytest.raises(ProviderUnavailableError) as caught:
            await session(stage, judge=by_meaning).chat.ask(judge("a"))
        return caught.value, await recorded_calls()

    _, calls = stage.run(scenario)
    assert [(call.kind, bool(call.error)) for call in calls] == [("embedding", True), ("chat", True)]


def test_what_rules_had_embedded_is_not_embedded_again(stage: Stage) -> None:
    stage.llm.dimension, stage.llm.api_key = 384, None

    async def by_meaning(data: Lines, embedder: Embedder) -> Verdict:
        found = await embedder.embed_documents(data.lines)
        return Verdict("good", 0.6 if None not in found.vectors else 0.0)

    async def scenario() -> None:
        # Each run opens the agent anew.
        for lines in (["a", "b"], ["b", "c"], ["c", "a"]):
            await session(stage, stage.llm.url, judge=by_meaning).chat.ask(judge(*lines))

    stage.run(scenario)
    assert [request.texts for request in stage.llm.embeddings.requests] == [["a", "b"], ["c"]]


def test_real_server_tells_meanings_apart_in_three_languages(stage: Stage, embeddings_url: str) -> None:
    documents = [
        "Черга повідомлень стоїть по сорок секунд, бо брокер не встигає.",
        "На обід сьогодні борщ і вареники.",
        "Рішення: переходимо на PostgreSQL 18.",
        "\ud800 half of a character",
        "",
        "дуже довгий текст " * 5000,
    ]
    queries = ["why is the message queue slow?", "что на обед?", "яку базу даних обрали"]

    async def scenario() -> tuple[list[Vector | None], list[Vector | None], dict[int, str]]:
        embedder = session(stage, embeddings_url).embedder
        found = await embedder.embed_documents(documents)
        return found.vectors, (await embedder.embed_queries(queries)).vectors, found.failures

    vectors, asked, failures = stage.run(scenario)
    assert list(failures) == [4]
    for place, query in enumerate(asked):
        assert query is not None
        scores = [
            sum(a * b for a, b in zip(query, vector, strict=True))
            for vector in vectors[:3]
            if vector is not None
        ]
        assert scores.index(max(scores)) == place


def test_local_server_is_given_small_batches(stage: Stage) -> None:
    stage.llm.dimension, stage.llm.api_key = 384, None

    async def scenario() -> None:
        await session(stage, stage.llm.url).embedder.embed_documents(["a"] * 40)

    stage.run(scenario)
    assert [len(request.texts) for request in stage.llm.embeddings.requests] == [16, 16, 8]
