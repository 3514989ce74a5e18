"""What the tests of experiments do, in a word each."""

from collections.abc import Awaitable, Callable
from typing import Any
from uuid import UUID, uuid4

from services.analysis import experiment_queries as queries
from services.analysis.actors import execute_classification_experiment
from shared.contracts.analysis import Prices
from shared.contracts.experiments import (
    CreateExperiment,
    ExperimentRecord,
    ExperimentResult,
    GetExperiment,
    ListExperimentResults,
)
from tests.fakes.llm import ChatRequest, LlmServer
from tests.integration.analysis.labelled_chat import WORDS
from tests.integration.analysis.looking import a_provider

InChat = Callable[[Callable[[], Awaitable[Any]]], Any]
"""Runs a scenario as analysis, beside the services that know the labelled chat."""


async def a_model(llm: LlmServer, **given: Any) -> UUID:
    """A provider on the test's server, which asks for money."""
    defaults: dict[str, Any] = {
        "name": "OpenAI",
        "type": "openai",
        "base_url": llm.url,
        "chat_model": "chat-model",
        "prices": Prices(input=100.0, output=100.0),
    }
    return (await a_provider(**(defaults | given))).id


async def begun(**given: Any) -> ExperimentRecord:
    """An experiment as a person begins it; in basic mode unless something else is said."""
    defaults: dict[str, Any] = {"experiment_id": uuid4(), "name": "Проба", "created_by": "Олена"}
    return await queries.create_experiment(CreateExperiment(**(defaults | given)))


async def executed(experiment_id: UUID) -> ExperimentRecord:
    """The experiment after a worker's turn at it."""
    await execute_classification_experiment(experiment_id=experiment_id)
    return await now(experiment_id)


async def now(experiment_id: UUID) -> ExperimentRecord:
    """The experiment as it stands."""
    return await queries.find_experiment(GetExperiment(experiment_id=experiment_id))


async def results(experiment_id: UUID, *, wrong: bool = False) -> list[ExperimentResult]:
    """Its results."""
    query = ListExperimentResults(experiment_id=experiment_id, wrong=wrong, limit=200)
    return (await queries.page_of_results(query)).items


def answering(topic: int | None, **given: Any) -> dict[str, Any]:
    """A model's answer."""
    return {"reasoning": "Про це йдеться.", "topic": topic, "confidence": 0.8, "alternatives": []} | given


def right_answer(request: ChatRequest) -> dict[str, Any]:
    """The topic that the message is of, and the one about letters as an alternative."""
    numbers = {topic["name"]: topic["number"] for topic in request.data["topics"]}
    said = request.data["message"].partition(": ")[2]
    name = next(name for name, words in WORDS.values() if words == said)
    other = {"topic": numbers["Листи у спамі"], "confidence": 0.1}
    return answering(numbers[name], alternatives=[other])
