"""Two experiments on the same messages, compared one message after the other."""

from typing import Any
from uuid import uuid4

from scipy.stats import binomtest

from services.analysis import experiment_queries as queries
from shared.contracts.experiments import CompareExperiments
from tests.fakes.llm import ChatRequest, LlmServer, Says
from tests.integration.analysis.experimenting import (
    InChat,
    a_model,
    answering,
    begun,
    executed,
    right_answer,
)
from tests.integration.analysis.labelled_chat import LabelledChat
from tests.integration.analysis.looking import refusal


def wrong_about(*numbers: int) -> Says:
    """A model that finds no topic for these messages, and the right one for the others."""

    def answer(request: ChatRequest) -> dict[str, Any]:
        number = int(request.data["message"].partition(":")[0])
        return answering(None) if number in numbers else right_answer(request)

    return Says(answer)


def test_who_was_right_about_which_message(in_chat: InChat, chat: LabelledChat, llm: LlmServer) -> None:
    chat.fill(12)

    async def scenario() -> Any:
        provider_id = await a_model(llm)
        first = await begun(provider_id=provider_id, name="Перша")
        llm.chat.always(wrong_about(1, 2))
        await executed(first.id)
        second = await begun(provider_id=provider_id, name="Друга", model="other", snapshot_of=first.id)
        llm.chat.always(wrong_about(2, 3, 4, 5))
        await executed(second.id)
        return await queries.compare_experiments(CompareExperiments(first_id=first.id, second_id=second.id))

    found = in_chat(scenario)
    assert (found.first.name, found.second.name) == ("Перша", "Друга")
    assert (found.both_right, found.only_first, found.only_second, found.neither_right) == (7, 3, 1, 1)
    assert found.exact
    assert found.statistic == 1
    assert found.p_value == binomtest(1, 4).pvalue
    assert [(each.message_id, each.first_id, each.second_id) for each in found.differing] == [
        (1, None, 1),
        (3, 3, None),
        (4, 1, None),
        (5, 2, None),
    ]


def test_two_that_agree_do_not_differ(in_chat: InChat, chat: LabelledChat) -> None:
    chat.fill(6)

    async def scenario() -> Any:
        first = await begun()
        second = await begun(snapshot_of=first.id)
        await executed(first.id)
        await executed(second.id)
        return await queries.compare_experiments(CompareExperiments(first_id=first.id, second_id=second.id))

    found = in_chat(scenario)
    assert (found.both_right, found.differing, found.p_value) == (6, [], 1.0)


def test_only_completed_ones_of_one_snapshot_are_compared(in_chat: InChat, chat: LabelledChat) -> None:
    chat.fill(6)

    async def scenario() -> list[Any]:
        first, other = await begun(), await begun()
        pending = await begun(snapshot_of=first.id)
        await executed(first.id)
        await executed(other.id)
        return [
            await refusal(queries.compare_experiments(CompareExperiments(first_id=one, second_id=two)))
            for one, two in ((first.id, pending.id), (first.id, other.id), (first.id, uuid4()))
        ]

    unfinished, unlike, missing = in_chat(scenario)
    assert unfinished[0] == unlike[0] == "conflict"
    assert "pending" in unfinished[2]
    assert "snapshot_of" in unlike[2]
    assert missing[0] == "not_found"
