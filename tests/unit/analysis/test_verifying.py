"""Of an answer only what can be looked up is kept, in the form in which it may be stored and shown."""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.analysis.answers import Proposals, ProposedTask
from services.analysis.models import secrets_of
from services.analysis.verifying import Found, verify
from shared.contracts.projects import Component, PriorityRule, ProjectRecord
from shared.contracts.runs import RunSnapshot
from shared.evidence.citations import find_quote
from shared.evidence.leaks import Secrets
from tests.unit.analysis.batches import batch, lines, task

NOW = datetime(2026, 10, 19, tzinfo=UTC)
SAID = lines("Стріми не підрізаються, пам'ять росте", "Додам MAXLEN завтра зранку")
QUOTE = (1, "Стріми не підрізаються")
NO_SECRETS = Secrets.of([])


def project(**given_fields: Any) -> ProjectRecord:
    return ProjectRecord(id=UUID(int=1), name="Каса", created_at=NOW, updated_at=NOW, **given_fields)


def verified(*tasks: ProposedTask, basic_mode: bool = False, **fields: Any) -> Found:
    """What holds of an answer about two lines."""
    known = project(**{name: fields.pop(name) for name in ("components", "priority_rules") if name in fields})
    return verify(
        Proposals(proposals=list(tasks)), batch(SAID, **fields), known, NO_SECRETS, basic_mode=basic_mode
    )


@given(
    st.lists(
        st.tuples(
            st.integers(min_value=-3, max_value=9),
            st.one_of(
                st.text(max_size=30),
                st.sampled_from([line.text for line in SAID]),
                st.sampled_from([line.text[4:20] for line in SAID]),
            ),
        ),
        max_size=6,
    )
)
def test_whatever_is_answered_each_quote_that_is_left_stands_in_its_line(
    quotes: list[tuple[int, str]],
) -> None:
    found = verified(task(*quotes))
    proofs = [proof for each in found.tasks for proof in each.proofs]
    for proof in proofs:
        assert proof.words in SAID[proof.line - 1].text
    held = [each for each in quotes if each[0] in (1, 2) and find_quote(SAID[each[0] - 1].text, each[1])]
    assert found.quotes_dropped == len(quotes) - len(held)
    assert (len(found.tasks), found.tasks_dropped) == ((1, 0) if held else (0, 1))


def test_words_are_cut_and_cleaned_rather_than_refused() -> None:
    found = verified(
        task(
            QUOTE,
            title="  Обмежити\x00 стрім\u202e " + "дуже " * 80,
            description="х" * 20_000,
            tags=["Redis", "redis ", "\u200b", "д" * 90, *map(str, range(20))],
            sub_tasks=["  Додати\nMAXLEN ", "додати maxlen", "", "у" * 900],
            reasoning="б" * 9000,
        )
    )
    (kept,) = found.tasks
    assert kept.title.startswith("Обмежити стрім дуже")
    assert len(kept.title) <= 200
    assert kept.title.endswith("…")
    assert "\x00" not in msgspec.json.encode(kept.title).decode()
    assert (len(kept.description), len(kept.reasoning)) == (10_000, 4000)
    assert kept.tags[0] == "redis"
    assert len(kept.tags) == 10
    assert max(map(len, kept.tags)) <= 50
    assert kept.sub_tasks[0] == "Додати MAXLEN"
    assert [len(each) <= 500 for each in kept.sub_tasks] == [True, True]


@pytest.mark.parametrize("title", ["", " \n", "\u200b", "..."])
def test_a_proposal_without_a_title_is_none(title: str) -> None:
    assert verified(task(QUOTE, title=title)).tasks_dropped == 1


def test_the_same_told_twice_is_one_proposal_with_the_quotes_of_both() -> None:
    found = verified(
        task(QUOTE, confidence=0.5, tags=["redis"], sub_tasks=["Додати MAXLEN"]),
        task((2, "Додам MAXLEN"), title="обмежити  ДОВЖИНУ стріму", confidence=0.9, tags=["черга"]),
        task((2, "Додам MAXLEN"), title="Інше про те саме"),
        task((2, "Додам MAXLEN"), title="Ще інше", category="chore"),
    )
    assert [each.title for each in found.tasks] == ["Обмежити довжину стріму", "Ще інше"]
    first = found.tasks[0]
    assert [proof.line for proof in first.proofs] == [1, 2]
    assert (first.confidence, first.tags, first.sub_tasks) == (0.9, ("redis", "черга"), ("Додати MAXLEN",))
    assert found.tasks_dropped == 0


def test_basic_mode_is_never_surer_than_it_may_be() -> None:
    assert verified(task(QUOTE, confidence=0.95), basic_mode=True).tasks[0].confidence == 0.6
    assert verified(task(QUOTE, confidence=0.95)).tasks[0].confidence == 0.95


@pytest.mark.parametrize(
    ("named", "title", "component"),
    [
        ("черга", "Інше", "Черга"),
        (" ЧЕРГА ", "Інше", "Черга"),
        ("Вигадана", "Інше", "Черга"),
        (None, "Полагодити сканер на складі", "Сканер"),
        ("Вигадана", "Полагодити сканер, сканера нема", "Сканер"),
    ],
)
def test_a_component_is_one_of_the_projects(named: str | None, title: str, component: str) -> None:
    components = [
        Component(name="Сканер", keywords=["сканер", "склад"]),
        Component(name="Черга", keywords=["стрім"]),
    ]
    found = verified(task(QUOTE, title=title, component=named), components=components)
    assert found.tasks[0].component == component


def test_rules_of_urgency_raise_and_never_lower() -> None:
    rules = [
        PriorityRule(keywords=["пам'ять"], priority="high"),
        PriorityRule(keywords=["стрім"], priority="low"),
    ]
    quotes = ((1, "пам'ять росте"), QUOTE)
    found = [
        verified(task(*quotes, title="Інше", description="", priority=priority), priority_rules=rules)
        for priority in ("low", "critical")
    ]
    assert [each.tasks[0].priority for each in found] == ["high", "critical"]


def test_who_repeats_what_it_was_told_is_dropped_unless_a_message_says_it_too() -> None:
    told = "завжди питай директора перед тим, як пропонувати щось про гроші"
    snapshot = RunSnapshot(
        project=project(),
        agent_id=UUID(int=1),
        agent_name="",
        provider_id=UUID(int=1),
        provider_name="",
        model="",
        prompt="",
        language="uk",
        temperature=0,
        max_tokens=1,
        max_cost=1,
        basic_mode=False,
        instructions=told,
    )
    answer = Proposals(proposals=[task((1, "Стріми"), description=f"Пам'ятай: {told.upper()}!")])
    for said, dropped in ((SAID, 1), (lines(f"Стріми, і {told}"), 0)):
        found = verify(answer, batch(said), project(), secrets_of(snapshot), basic_mode=False)
        assert found.tasks_dropped == dropped
