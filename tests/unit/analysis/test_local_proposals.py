"""Basic mode: what is to be done by atoms and the words around them, not what is done or only talk."""

import asyncio
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.analysis.answers import Batch, Proposals
from services.analysis.local.rules import proposals_of, propose_tasks
from shared.evidence.citations import find_quote
from tests.unit.analysis.batches import batch, given_atom, lines


def titles(asked: Batch) -> list[str]:
    return [each.title for each in proposals_of(asked).proposals]


@pytest.mark.parametrize(
    ("kind", "said", "title", "category"),
    [
        (
            "problem",
            "Каса не друкує чек після оновлення",
            "Виправити: Каса не друкує чек після оновлення",
            "bug",
        ),
        ("problem", "Bug: search finds nothing by ISBN", "Виправити: search finds nothing by ISBN", "bug"),
        (
            "requirement",
            "Кнопка «Зарезервувати» має бути на екрані каси",
            "Забезпечити: Кнопка «Зарезервувати» має бути на екрані каси",
            "feature",
        ),
        ("decision", "Рішення: переходимо на RabbitMQ", "Виконати рішення: переходимо на RabbitMQ", "chore"),
        (
            "question",
            "Хто страхує самокати поза зоною?",
            "З'ясувати: Хто страхує самокати поза зоною?",
            "question",
        ),
        ("insight", "Треба описати відкат у README", "Треба описати відкат у README", "docs"),
        ("solution", "додам індикатор мови біля пароля", "Додам індикатор мови біля пароля", "improvement"),
        ("insight", "допишу завтра міграцію індексів, обновлю staging", "Обіцяно: ", "chore"),
    ],
)
def test_each_kind_of_statement_is_a_task_in_its_own_words(
    kind: Any, said: str, title: str, category: str
) -> None:
    (found,) = proposals_of(batch(lines(said), [given_atom(1, kind, (1, said))])).proposals
    assert found.title.startswith(title)
    assert found.category == category
    assert [(each.message, each.text) for each in found.quotes] == [(1, said)]
    assert 0.3 <= found.confidence <= 0.6
    assert "Базовий режим" in found.reasoning


def test_fixed_words_are_in_the_language_of_the_run() -> None:
    said = "Каса не друкує чек після оновлення"
    (found,) = proposals_of(
        batch(lines(said), [given_atom(1, "problem", (1, said))], language="en")
    ).proposals
    assert found.title == f"Fix: {said}"
    assert "Basic mode" in found.reasoning


@pytest.mark.parametrize(
    "said",
    [
        "Порахував: у піку 35 рухів на секунду, запас десятикратний",
        "Світла не було всю ніч, генератор на ТО",
        "Обід замовлено, піца з грибами",
        "так",
    ],
)
def test_what_asks_for_nothing_is_no_task(said: str) -> None:
    for kind in ("insight", "solution", "pattern"):
        assert titles(batch(lines(said), [given_atom(1, kind, (1, said))])) == []


@pytest.mark.parametrize(
    "later",
    [
        ("Тарас", "Виправлено, збірка 0.9", 1),
        ("Олена", "все, полагодила чергу", 1),
        ("Марта", "verified, works now ✅", 1),
        ("Тарас", "починил, проверяйте", 1),
        ("Дмитро", "Черга більше не зависає, виправив споживача черги на складі"),
    ],
)
def test_what_a_later_line_says_to_be_done_is_no_task(later: Any) -> None:
    said = "Черга споживача зависає на складі"
    atoms = [given_atom(1, "problem", (1, said))]
    assert titles(batch(lines(("Олена", said)), atoms)) == [f"Виправити: {said}"]
    assert titles(batch(lines(("Олена", said), later), atoms)) == []


@pytest.mark.parametrize("later", ["Ще не зробив, завтра", "А хто зробив чергу?", "не працює і в мене"])
def test_what_is_not_done_yet_stays_a_task(later: str) -> None:
    said = "Черга споживача зависає на складі"
    assert len(titles(batch(lines(said, ("Тарас", later, 1)), [given_atom(1, "problem", (1, said))]))) == 1


def test_what_is_solved_or_superseded_is_no_task() -> None:
    said = lines("Листи з чеками падають у спам", "Прописав DKIM, вирівняв DMARC")
    problem = given_atom(1, "problem", (1, "Листи з чеками падають у спам"))
    solution = given_atom(2, "solution", (2, "Прописав DKIM"))
    assert titles(batch(said, [problem, solution], [(2, 1, "solves")])) == []
    assert titles(batch(said[:1], [msgspec.structs.replace(problem, settled=True)])) == []


def test_a_solution_that_is_only_meant_belongs_to_its_problem() -> None:
    said = lines(
        "Стріми в Redis не підрізаються, пам'ять росте", ("Тарас", "Треба додати XADD MAXLEN до стрімів", 1)
    )
    problem = given_atom(1, "problem", (1, "Стріми в Redis не підрізаються"))
    solution = given_atom(2, "solution", (2, "Треба додати XADD MAXLEN до стрімів"), topics=["Redis"])
    (found,) = proposals_of(batch(said, [problem, solution], [(2, 1, "solves")])).proposals
    assert found.title == "Виправити: Стріми в Redis не підрізаються"
    assert found.sub_tasks == ["Треба додати XADD MAXLEN до стрімів"]
    assert [each.message for each in found.quotes] == [1, 2]
    assert found.tags == ["Черга", "Redis"]


def test_a_question_that_was_answered_is_no_task_and_one_that_is_taken_up_becomes_its_answer() -> None:
    asked = "Показати розкладку клавіатури біля пароля?"
    atoms = [given_atom(1, "question", (1, asked))]
    assert titles(batch(lines(asked), atoms)) == [f"З'ясувати: {asked}"]
    assert titles(batch(lines(asked, ("Ірина", "Розкладка там уже видна з вересня", 1)), atoms)) == []
    (found,) = proposals_of(
        batch(lines(asked, ("Ірина", "Додам індикатор мови, це десять рядків", 1)), atoms)
    ).proposals
    assert found.title == "Додам індикатор мови, це десять рядків"
    assert [each.message for each in found.quotes] == [1, 2]


def test_each_of_several_demands_in_one_message_is_a_task() -> None:
    demands = [
        "касир не повинен бачити закупівельну ціну",
        "пошук за ISBN має відповідати не довше 300 мс",
        "щоденний звіт має бути до 08:00",
    ]
    said = lines("Їхні вимоги:\n— " + ";\n— ".join(demands), "Зрозуміло, дякую")
    atoms = [given_atom(place, "requirement", (1, each)) for place, each in enumerate(demands, start=1)]
    assert titles(batch(said, atoms)) == [f"Забезпечити: {each}" for each in demands]


def test_two_statements_of_the_same_are_one_task() -> None:
    first, second = "Каса на Подолі не друкує чеки", "чеки на касі на Подолі знов не друкує"
    atoms = [given_atom(1, "problem", (1, first)), given_atom(2, "problem", (3, second))]
    (found,) = proposals_of(batch(lines(first, "Дивно", second), atoms)).proposals
    assert [each.message for each in found.quotes] == [1, 3]


@pytest.mark.parametrize(
    ("said", "priority"),
    [
        ("Каса не друкує, це блокер для пілота", "critical"),
        ("Книголенд скаржиться: каса не друкує чеки", "high"),
        ("Каса не друкує логотип, але це не блокер", "low"),
        ("Каса не друкує логотип на чеку", "medium"),
    ],
)
def test_words_tell_how_urgent_it_is(said: str, priority: str) -> None:
    (found,) = proposals_of(batch(lines(said), [given_atom(1, "problem", (1, said))])).proposals
    assert found.priority == priority


def test_who_takes_it_up_makes_it_surer() -> None:
    said = "Кнопка має бути помітнішою на екрані каси"
    atoms = [given_atom(1, "requirement", (1, said), confidence=0.5)]
    alone, taken = (
        proposals_of(batch(each, atoms)).proposals[0]
        for each in (lines(said), lines(said, ("Ірина", "Зроблю завтра помітнішою", 1)))
    )
    assert alone.confidence < taken.confidence <= 0.6
    assert (alone.recommendation, taken.recommendation) == ("review", "approve")


def test_messages_that_no_atom_quotes_give_nothing() -> None:
    assert titles(batch(lines("Треба терміново полагодити касу!", "Зроблю завтра"))) == []


def test_it_is_asked_of_a_batch_alone() -> None:
    nobody: Any = None
    assert asyncio.run(propose_tasks(batch(lines("Привіт")), nobody)) == Proposals(proposals=[])
    with pytest.raises(TypeError, match="Proposals"):
        asyncio.run(propose_tasks(Proposals(proposals=[]), nobody))


_WORDS = st.sampled_from(
    [
        "треба",
        "зроблю",
        "виправлено",
        "не",
        "працює",
        "каса",
        "черга",
        "Redis?",
        "блокер",
        "«так»",
        "(усі)",
        "✅",
        "\n.",
        "…",
        "—",
        "35",
        "should",
        "fixed",
    ]
)
_TEXTS = st.lists(_WORDS, min_size=1, max_size=9).map(" ".join)


@given(st.lists(st.tuples(_TEXTS, st.integers(0, 6)), min_size=1, max_size=8), st.data())
def test_whatever_is_said_every_quote_stands_in_its_line_and_twice_is_the_same(
    said: list[tuple[str, int]], data: st.DataObject
) -> None:
    talk = lines(*[("Олена", text, reply_to) for text, reply_to in said])
    kinds = st.sampled_from(["problem", "solution", "decision", "question", "insight", "requirement"])
    atoms = [
        given_atom(line.number, data.draw(kinds), (line.number, line.text.strip() or "…"), title="Назва")
        for line in talk
    ]
    links = [(atom.id, data.draw(st.integers(1, 9)), "solves") for atom in atoms[::2]]
    asked = batch(talk, atoms, links)
    found = proposals_of(asked)
    assert proposals_of(asked) == found
    for each in found.proposals:
        assert each.quotes
        assert each.title
        assert 0.3 <= each.confidence <= 0.6
        for quote in each.quotes:
            assert quote.text.strip() in talk[quote.message - 1].text or find_quote(
                talk[quote.message - 1].text, quote.text
            )
