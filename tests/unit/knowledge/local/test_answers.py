"""What messages make of each other: answers, agreement, refusal, proof, change of mind."""

from collections.abc import Callable

import pytest

from services.knowledge.answers import Conversation, Extraction
from tests.unit.knowledge.local.saying import atoms_at, conversation, types_at

Extract = Callable[[Conversation], Extraction]


@pytest.mark.parametrize(
    ("problem", "fix"),
    [
        ("Принтер етикеток жує стрічку, стоїмо", "Постав притискний ролик вище, у нас це допомогло"),
        ("The label printer eats the tape, we're stuck", "Raise the pressure roller, that helped here"),
        ("Принтер этикеток жуёт ленту, стоим", "Поставь прижимной ролик выше, нам помогло"),
    ],
)
def test_a_fix_in_reply_to_a_problem_solves_it(problem: str, fix: str, extract: Extract) -> None:
    found = extract(conversation(f"Olha: {problem}", f"Ihor > 1: {fix}"))
    assert [atom.type for atom in found.atoms] == ["problem", "solution"]
    assert [(link.source, link.target, link.type) for link in found.links] == [(2, 1, "solves")]
    assert len(found.topics) == 1


@pytest.mark.parametrize(
    ("proposal", "yes"),
    [
        ("Пропоную перенести склад у друге приміщення", "Погоджено, так і робимо"),
        ("I suggest we move the warehouse to the second hall", "Agreed, let's do that"),
        ("Предлагаю перенести склад во второе помещение", "Согласен, так и делаем"),
    ],
)
def test_a_proposal_is_a_decision_once_agreed_to(proposal: str, yes: str, extract: Extract) -> None:
    found = extract(conversation(f"Olha: {proposal}", f"Ihor > 1: {yes}"))
    assert types_at(found, 1) == {"decision"}
    (atom,) = atoms_at(found, 1)
    assert [quote.message for quote in atom.quotes] == [1, 2]


@pytest.mark.parametrize(
    ("proposal", "answer"),
    [
        ("Може, перефарбуємо вітрину?", "Ні, не варто"),
        ("Maybe we should repaint the window?", "nope, not worth it"),
        ("Может, перекрасим витрину?", "Нет, не стоит"),
        ("Може, перефарбуємо вітрину?", "до речі, хто забрав ключі"),
    ],
)
def test_a_proposal_that_nobody_took_up_is_no_decision(proposal: str, answer: str, extract: Extract) -> None:
    found = extract(conversation(f"Olha: {proposal}", f"Ihor: {answer}"))
    assert not types_at(found, 1) & {"decision", "solution"}


@pytest.mark.parametrize(
    ("question", "answer"),
    [
        ("Чи можна віддати товар без чека?", "Так, але тільки протягом двох тижнів і з коробкою"),
        ("Can customers return goods without a receipt?", "Yes, but only within two weeks and in the box"),
        ("Можно вернуть товар без чека?", "Да, но только в течение двух недель и с коробкой"),
    ],
)
def test_a_question_about_the_work_and_its_answer_are_both_kept(
    question: str, answer: str, extract: Extract
) -> None:
    found = extract(conversation(f"Olha: {question}", f"Ihor > 1: {answer}"))
    assert types_at(found, 1) == {"question"}
    assert types_at(found, 2) <= {"insight", "requirement", "decision"}
    assert types_at(found, 2)
    assert [(link.source, link.target) for link in found.links] == [(2, 1)]


def test_a_denial_in_answer_to_a_question_is_no_problem(extract: Extract) -> None:
    found = extract(
        conversation(
            "Olha: Чи не спишуть гроші вдруге, якщо оновити сторінку?",
            "Ihor > 1: Не спишуть, кожен платіж має свій ключ, повтор банк відхиляє",
        )
    )
    assert types_at(found, 2)
    assert "problem" not in types_at(found, 2)


def test_the_proof_that_a_fix_works_stands_beside_the_fix(extract: Extract) -> None:
    found = extract(
        conversation(
            "Olha: Насос у теплиці не качає, тиску нуль",
            "Ihor > 1: Замінив ущільнювач на насосі, тиск рівний",
            "Olha > 2: перевірила насос, усе працює, тиск тримає",
        )
    )
    (solution,) = [atom for atom in found.atoms if atom.type == "solution"]
    assert [quote.message for quote in solution.quotes] == [2, 3]


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("Вирішили: виставка у березні, у великій залі", "Передумали, виставку переносимо на травень"),
        ("We decided: the exhibition is in March", "Changed our mind, the exhibition moves to May"),
        ("Решили: выставка в марте, в большом зале", "Передумали, выставку переносим на май"),
    ],
)
def test_a_decision_that_replaces_another_contradicts_it(first: str, second: str, extract: Extract) -> None:
    found = extract(conversation(f"Olha: {first}", "Ihor: добре", f"Olha: {second}"))
    assert [atom.type for atom in found.atoms] == ["decision", "decision"]
    assert [(link.source, link.target, link.type) for link in found.links] == [(2, 1, "contradicts")]


@pytest.mark.parametrize(
    ("asked", "settled"),
    [
        ("Старий архів видаляємо?", "Так, але залишаємо читання"),
        ("Do we ship on Monday or on Thursday?", "Thursday, and only to the north"),
        ("Що беремо: ангар чи навіс?", "Беремо ангар"),
    ],
)
def test_a_decision_of_a_few_words_is_told_with_the_question_that_it_settles(
    asked: str, settled: str, extract: Extract
) -> None:
    found = extract(conversation(f"Olha: {asked}", f"Ihor > 1: {settled}"))
    assert [(atom.type, atom.title) for atom in found.atoms] == [
        ("question", asked),
        ("decision", f"{asked} {settled}"),
    ]


def test_a_question_that_is_no_atom_is_quoted_by_the_decision_that_settles_it(extract: Extract) -> None:
    asked = "Дошки мокнуть під дощем, третя партія пропала. Що беремо?"
    found = extract(conversation(f"Olha: {asked}", "Ihor > 1: Беремо ангар"))
    (decision,) = [atom for atom in found.atoms if atom.type == "decision"]
    assert decision.title == "Що беремо? Беремо ангар"
    assert [(quote.message, quote.text) for quote in decision.quotes] == [
        (1, "Що беремо?"),
        (2, "Беремо ангар"),
    ]


def test_context_gives_nothing_but_is_understood(extract: Extract) -> None:
    said = (
        "Olha: Чи можна віддати товар без чека?",
        "Ihor > 1: Так, але тільки протягом двох тижнів і з коробкою",
    )
    found = extract(conversation(*said, context=1))
    assert [quote.message for atom in found.atoms for quote in atom.quotes] == [2]
    assert extract(conversation(*said, context=2)).atoms == []


def test_a_few_words_stand_with_the_statement_that_they_settle(extract: Extract) -> None:
    told = "Резерв на складі порожній, лишилось сорок коробок для громади"
    found = extract(conversation(f"Olha: {told}", "Ihor > 1: Резерв не чіпаємо"))
    assert [(atom.type, atom.title) for atom in found.atoms][1:] == [
        ("decision", f"{told} — Резерв не чіпаємо"),
    ]
