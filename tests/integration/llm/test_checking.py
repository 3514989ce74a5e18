"""Trying a provider out, as analysis does it."""

import json
from collections.abc import Awaitable
from typing import TypeVar

import pytest

from shared.contracts.analysis import LlmCall
from shared.llm import BadAnswerError, LlmError, ProviderRefusedError, ProviderUnavailableError
from shared.llm.checking import measure_dimension, offered_models, try_chat
from tests.fakes.llm import Fails, Garbage, Says
from tests.integration.llm.stage import Stage, recorded_calls

T = TypeVar("T")


async def failure_of(trying: Awaitable[T]) -> LlmError:
    with pytest.raises(LlmError) as caught:
        await trying
    return caught.value


def test_models_are_listed(stage: Stage) -> None:
    stage.llm.models = ["zeta", "alpha"]

    async def scenario() -> list[str]:
        return await offered_models(stage.provider())

    assert stage.run(scenario) == ["alpha", "zeta"]


def test_wrong_key_and_wrong_address_are_told_apart(stage: Stage) -> None:
    stage.llm.api_key = "another"

    async def scenario() -> list[LlmError]:
        return [
            await failure_of(offered_models(stage.provider())),
            await failure_of(offered_models(stage.provider(base_url=stage.llm.url + "/nowhere"))),
            await failure_of(offered_models(stage.provider(base_url="http://127.0.0.1:1/v1"), within=1.0)),
        ]

    key, path, nobody = stage.run(scenario)
    assert isinstance(key, ProviderRefusedError)
    assert "valid API key" in str(key)
    assert isinstance(path, ProviderRefusedError)
    assert "with /v1" in str(path)
    assert "does it have" not in str(path).lower()
    assert isinstance(nobody, ProviderUnavailableError)


@pytest.mark.parametrize(
    "reaction",
    [
        Garbage(),
        Garbage("[]", "application/json"),
        Garbage('{"data": 5}', "application/json"),
        Garbage('{"data": {"id": "a"}}', "application/json"),
    ],
)
def test_list_of_models_that_is_none_says_that_the_address_may_be_wrong(
    stage: Stage, reaction: Garbage
) -> None:
    stage.llm.models_reaction = reaction

    async def scenario() -> LlmError:
        return await failure_of(offered_models(stage.provider()))

    error = stage.run(scenario)
    assert isinstance(error, ProviderRefusedError)
    assert "is its address right" in str(error)


def test_names_of_models_that_cannot_be_kept_are_left_out(stage: Stage) -> None:
    names = ["fine", "zero\x00", "half \ud800", "two\nlines", "long" * 100, *(f"m{n}" for n in range(2000))]
    stage.llm.models_reaction = Garbage(
        json.dumps({"data": [None, "text", {}, *({"id": name} for name in names)]}), "application/json"
    )

    async def scenario() -> list[str]:
        return await offered_models(stage.provider())

    offered = stage.run(scenario)
    assert offered[0] == "fine"
    assert len(offered) == 1000


def test_small_answer_is_asked_for_and_accounted_for(stage: Stage) -> None:
    async def scenario() -> list[LlmCall]:
        await try_chat(stage.provider(), "chat-model")
        return await recorded_calls()

    (call,) = stage.run(scenario)
    assert (call.task, call.model, call.error) == ("validate", "chat-model", None)
    assert call.input_tokens > 0


@pytest.mark.parametrize(
    ("reaction", "error", "said"),
    [
        (Says("Yes, it works."), BadAnswerError, "Take another model"),
        (Fails(404, "No such model."), ProviderRefusedError, "chat-model"),
        (Fails(503), ProviderUnavailableError, "HTTP 503"),
    ],
)
def test_model_that_does_not_do_says_why(
    stage: Stage, reaction: Says | Fails, error: type[LlmError], said: str
) -> None:
    stage.llm.chat.always(reaction)

    async def scenario() -> tuple[LlmError, list[LlmCall]]:
        failure = await failure_of(try_chat(stage.provider(), "chat-model"))
        return failure, await recorded_calls()

    failure, (call,) = stage.run(scenario)
    assert isinstance(failure, error)
    assert said in str(failure)
    assert call.error


def test_dimension_is_measured_whatever_was_expected(stage: Stage) -> None:
    async def scenario() -> int:
        return await measure_dimension(stage.provider(dimension=1536))

    assert stage.run(scenario) == 64


def test_vectors_that_are_too_long_to_be_searched_are_refused(stage: Stage) -> None:
    stage.llm.dimension = 4096

    async def scenario() -> LlmError:
        return await failure_of(measure_dimension(stage.provider()))

    error = stage.run(scenario)
    assert isinstance(error, ProviderRefusedError)
    assert "smaller embedding model" in str(error)


def test_provider_without_vectors_is_refused(stage: Stage) -> None:
    stage.llm.embeddings.always(Fails(404, "This model makes no vectors."))

    async def scenario() -> LlmError:
        return await failure_of(measure_dimension(stage.provider()))

    assert isinstance(stage.run(scenario), ProviderRefusedError)
