"""What a batch comes to: of a model's answer only what can be looked up, of rules only what is quoted."""

from typing import Any
from uuid import UUID

import pytest

from services.analysis.proposed import Proposed
from shared.contracts.errors import QueryError
from shared.contracts.projects import Component, PriorityRule, TaskConfigRecord
from shared.llm import BadAnswerError
from tests.fakes.llm import LlmServer, Says
from tests.integration.analysis.configuring import DUE
from tests.integration.analysis.experimenting import a_model
from tests.integration.analysis.proposing import (
    SENT,
    Beside,
    Others,
    answer_of,
    atom,
    by_title,
    link,
    message,
    proposed,
    quote,
    snapshot_of,
)

PROJECT = UUID(int=7)
PIN = message(1, "Bug: PIN attempts counter is per browser tab, not per shift. A new tab → 3 more attempts.")
BLOCKER = message(2, "Це блокер, для Книголенда це найважливіше", "Олена", reply_to=1)
MESSAGES = [PIN, BLOCKER]
WORDS = "PIN attempts counter is per browser tab"


async def asked(llm: LlmServer, answer: Any, **given: Any) -> Proposed:
    """What a model's answer about the two messages comes to."""
    llm.chat.always(Says(answer))
    return await proposed(snapshot_of(PROJECT, await a_model(llm), **given), MESSAGES)


def test_a_proposal_has_its_quotes_with_message_author_and_time(beside: Beside, llm: LlmServer) -> None:
    found = beside(lambda: asked(llm, answer_of({"quotes": [quote(1, WORDS), quote(2, "Це блокер")]})))
    (proposal,) = found.proposals
    assert [(each.message_id, each.quote, each.author_name) for each in proposal.quotes] == [
        (1, WORDS, "Марта"),
        (2, "Це блокер", "Олена"),
    ]
    assert proposal.quotes[1].sent_at == BLOCKER.sent_at
    assert (proposal.novelty, proposal.confidence, proposal.recommendation) == ("new", 0.9, "approve")
    assert (found.quotes_dropped, found.proposals_dropped) == (0, 0)


@pytest.mark.parametrize(
    "invented",
    [
        quote(1, "PIN codes are stored as plain text"),
        quote(2, WORDS),
        quote(3, WORDS),
        quote(99, WORDS),
        quote(1, "pin ATTEMPTS counter"),
        quote(1, "IN attempts counter is per browser ta"),
        quote(1, "PIN attempts counter … 3 more attempts"),
        quote(1, "→"),
        quote(1, ""),
    ],
)
def test_an_invented_quote_or_number_never_reaches_a_proposal(
    beside: Beside, llm: LlmServer, invented: dict[str, Any]
) -> None:
    answer = answer_of(
        {"title": "Вигадане", "quotes": [invented]},
        {"title": "Справжнє", "quotes": [invented, quote(1, WORDS)]},
    )
    found = beside(lambda: asked(llm, answer))
    (proposal,) = found.proposals
    assert proposal.title == "Справжнє"
    assert [(each.message_id, each.quote) for each in proposal.quotes] == [(1, WORDS)]
    assert (found.quotes_dropped, found.proposals_dropped) == (2, 1)


def test_a_proposal_that_repeats_the_prompt_is_dropped(beside: Beside, llm: LlmServer) -> None:
    leaked = "A program looks each quote up. One that is not found word for word is thrown away"
    secret = "Never tell anybody about the merger with Knyholend in May"
    answer = answer_of(
        {"title": "Leak", "description": leaked, "quotes": [quote(1, WORDS)]},
        {"title": "Other leak", "sub_tasks": [secret], "quotes": [quote(1, WORDS), quote(2, "Це блокер")]},
        {"title": "Чесне", "quotes": [quote(2, "Це блокер")]},
    )
    found = beside(lambda: asked(llm, answer, instructions=secret))
    assert ([each.title for each in found.proposals], found.proposals_dropped) == (["Чесне"], 2)


@pytest.mark.parametrize(
    ("given", "kept", "note"),
    [
        ('{"due": "2026-10-22"}', {"due": "2026-10-22"}, ""),
        ('{"due": "колись"}', None, "не відповідають схемі"),
        ("{}", None, "не відповідають схемі"),
        ("no JSON", None, "не JSON-об'єкт"),
        ('["2026-10-22"]', None, "не JSON-об'єкт"),
        (None, None, ""),
    ],
)
def test_details_fit_their_schema_or_are_left_out_with_a_note(
    beside: Beside, llm: LlmServer, given: str | None, kept: dict[str, str] | None, note: str
) -> None:
    config = TaskConfigRecord(
        id=UUID(int=8), name="Задачі", details_schema=DUE, created_at=SENT, updated_at=SENT
    )
    answer = answer_of({"quotes": [quote(1, WORDS)], "details": given})
    found = beside(lambda: asked(llm, answer, task_config=config))
    (proposal,) = found.proposals
    assert proposal.details == kept
    assert note in proposal.reasoning
    assert llm.chat.requests[0].data["details_schema"] == DUE


def test_components_and_urgency_are_the_projects(beside: Beside, llm: LlmServer) -> None:
    project = {
        "components": [Component(name="Каса", keywords=["PIN"]), Component(name="Сканер")],
        "priority_rules": [PriorityRule(keywords=["блокер"], priority="critical")],
    }
    answer = answer_of(
        {"title": "Перше", "component": "сканер", "quotes": [quote(1, WORDS)]},
        {"title": "Друге", "component": "Вигадана", "quotes": [quote(1, "per browser tab, not per shift")]},
        {"title": "Третє", "priority": "low", "quotes": [quote(2, "Це блокер")], "tags": ["терміново"]},
    )
    found = by_title(beside(lambda: asked(llm, answer, project=project)))
    assert [(each.component, each.priority) for each in found.values()] == [
        ("Сканер", "medium"),
        ("Каса", "medium"),
        (None, "critical"),
    ]


def test_proposals_are_tied_to_atoms_that_quote_the_same(
    beside: Beside, llm: LlmServer, others: Others
) -> None:
    others.atoms = [atom(5, "problem", (1, f"Bug: {WORDS}")), atom(6, "problem", (2, "найважливіше"))]
    found = beside(lambda: asked(llm, answer_of({"quotes": [quote(1, WORDS)]})))
    assert found.proposals[0].atom_ids == (5,)


def test_a_model_goes_on_without_knowledge_and_rules_do_not(
    beside: Beside, llm: LlmServer, others: Others
) -> None:
    others.knowledge_is_down = True

    async def scenario() -> Proposed:
        with pytest.raises(QueryError) as caught:
            await proposed(snapshot_of(PROJECT), MESSAGES)
        assert caught.value.code == "unavailable"
        return await asked(llm, answer_of({"quotes": [quote(1, WORDS)]}))

    assert len(beside(scenario).proposals) == 1


def test_an_answer_that_does_not_fit_is_the_runs_to_deal_with(beside: Beside, llm: LlmServer) -> None:
    async def scenario() -> None:
        with pytest.raises(BadAnswerError):
            await asked(llm, '{"proposals": [{"title": "Без решти"}]}')

    beside(scenario)


def test_basic_mode_proposes_what_atoms_say_and_stays_unsure(beside: Beside, others: Others) -> None:
    others.atoms = [
        atom(5, "problem", (1, WORDS), confidence=0.9, status="approved"),
        atom(6, "insight", (2, "для Книголенда це найважливіше")),
    ]

    async def scenario() -> list[Proposed]:
        return [await proposed(snapshot_of(PROJECT), MESSAGES) for _ in range(2)]

    first, second = beside(scenario)
    assert first == second
    (proposal,) = first.proposals
    assert proposal.title == f"Виправити: {WORDS}"
    assert (proposal.category, proposal.confidence, proposal.tags) == ("bug", 0.6, ("каса",))
    assert (proposal.atom_ids, proposal.quotes[0].quote) == ((5, 6), WORDS)


def test_basic_mode_proposes_nothing_that_is_solved_or_that_no_atom_quotes(
    beside: Beside, others: Others
) -> None:
    others.atoms = [atom(5, "problem", (1, WORDS))]
    others.links = [link(77, 5)]
    assert beside(lambda: proposed(snapshot_of(PROJECT), MESSAGES)) == Proposed()
    others.atoms = []
    assert beside(lambda: proposed(snapshot_of(PROJECT), MESSAGES)) == Proposed()
