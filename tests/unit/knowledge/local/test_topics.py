"""Topics: as many as there are matters, named as a person would name them, known ones used again."""

import re
from collections.abc import Callable

import pytest

from services.knowledge.answers import Conversation, Extraction
from tests.unit.knowledge.local.saying import conversation

Extract = Callable[[Conversation], Extraction]

PUMP = (
    "Olha: Помпа в теплиці не качає воду, тиску нуль",
    "Ihor > 1: Замінив прокладку помпи, тиск рівний, вода йде",
    "Olha: Виявилось, що прокладка помпи розрахована лише на холодну воду",
)
FAIR = (
    "Marko: Коли здаємо заявку на весняний ярмарок?",
    "Nina > 4: Вирішили: заявку на весняний ярмарок подаємо до п'ятниці, місце біля входу",
    "Marko: Організатори ярмарку вимагають, щоб кожен стенд мав вогнегасник",
)


def names(extraction: Extraction) -> list[str]:
    return [topic.name for topic in extraction.topics]


def test_two_matters_are_two_topics(extract: Extract) -> None:
    found = extract(conversation(*PUMP, *FAIR))
    assert len(found.topics) == 2
    by_message = {quote.message: atom.topic for atom in found.atoms for quote in atom.quotes}
    assert len({by_message[number] for number in (1, 2, 3) if number in by_message}) == 1
    assert len({by_message[number] for number in (4, 5, 6) if number in by_message}) == 1


def test_names_are_phrases_in_the_nominative(extract: Extract) -> None:
    found = names(extract(conversation(*FAIR)))
    assert found == ["Весняний ярмарок"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Виявилось, що на новому складі немає інтернету", "Новий склад"),
        ("Ввечері хтось зламав пошук на staging, він повертає помилку", "Пошук на staging"),
        ("У позначці алергенів знову помилка, друкує не те", "Позначка алергенів"),
        ("После обновления сломалась новая форма оплаты", "Новая форма оплаты"),
        ("The signing key expired yesterday and builds fail", "Signing key"),
        ("Після деплою вебхук monobank не приходить", "Вебхук monobank"),
        ("Виявилось, що без продюсера з publisher confirms губляться рухи", "Продюсер з publisher confirms"),
        ("API для піна ще не готове, повертає помилку", "API для піна"),
        ("На ній стоїть Android 8, новіше не ставиться", "Android 8"),
        ("З сьогодні на кухні лише перевірка, страви не додаємо", "Перевірка на кухні"),
        ("Виявилось, що з 1200 сканувань офлайн не загубилось нічого", "Сканування офлайн"),
        ("Виявилось, що конвеєр зупиняє всі лінії разом", "Конвеєр зупиняє всі лінії"),
        ("Виявилось, що ноут на 40%, а зарядки немає", "Ноут на 40%"),
    ],
)
def test_a_name_reads_like_a_person_s(text: str, expected: str, extract: Extract) -> None:
    assert names(extract(conversation(f"Olha: {text}"))) == [expected]


@pytest.mark.parametrize("said", [PUMP, FAIR, (*PUMP, *FAIR)])
def test_a_name_has_two_to_four_words_and_names_no_author(said: tuple[str, ...], extract: Extract) -> None:
    for topic in extract(conversation(*said)).topics:
        assert 2 <= len(topic.name.split()) <= 4
        assert not re.search(r"olha|ihor|marko|nina", topic.name, re.IGNORECASE)
        assert topic.name[0].isupper()
        assert topic.icon


def test_a_description_is_one_quote(extract: Extract) -> None:
    said = conversation(*PUMP)
    (topic,) = extract(said).topics
    assert any(topic.description in line.text for line in said.lines)


def test_a_known_topic_is_used_again(extract: Extract) -> None:
    known = ("Ремонт даху", "Ярмарок навесні", "Помпа в теплиці", "Оплата рахунків")
    assert names(extract(conversation(*PUMP, known=known))) == ["Помпа в теплиці"]


def test_known_topics_that_do_not_fit_are_left_alone(extract: Extract) -> None:
    known = ("Ремонт даху", "Оплата рахунків", "Мобільний застосунок")
    assert not set(names(extract(conversation(*PUMP, known=known)))) & set(known)


def test_an_atom_alone_joins_a_topic_of_its_conversation(extract: Extract) -> None:
    found = extract(
        conversation(*PUMP, "Marko: Організатори ярмарку вимагають, щоб кожен стенд мав вогнегасник")
    )
    assert len(found.atoms) == len(PUMP) + 1
    assert len(found.topics) == 1


def test_an_atom_alone_joins_a_known_topic_that_is_near(extract: Extract) -> None:
    known = ("Ремонт даху", "Водяний насос не тягне", "Оплата рахунків")
    said = conversation("Olha: Помпа в теплиці не качає воду, тиску нуль", known=known)
    assert names(extract(said)) == ["Водяний насос не тягне"]


@pytest.mark.parametrize("known", ["Ремонт даху", "Пошта", "Оплата рахунків"])
def test_an_atom_alone_joins_nothing_that_is_far(known: str, extract: Extract) -> None:
    said = conversation("Olha: Помпа в теплиці не качає воду, тиску нуль", known=(known,))
    assert names(extract(said)) != [known]


@pytest.mark.parametrize(
    ("said", "known"),
    [
        (PUMP, "Список теплиць"),
        (FAIR, "Доба у заявках"),
        (("Olha: Виявилось, що звіт для ярмарку рахує всі стенди двічі",), "Замовлення у звітах"),
    ],
)
def test_one_word_in_common_makes_no_topic_of_two(
    said: tuple[str, ...], known: str, extract: Extract
) -> None:
    assert names(extract(conversation(*said, known=(known,)))) != [known]


@pytest.mark.parametrize(
    "text",
    [
        "Каса, касири, черга і знову помилка",
        "Виявилось, що працює тільки зліва",
        "Швидко ламається щоразу, як дощить",
        "It breaks every time it rains",
        "Чому воно ламається?",
        "Виявилось, креди лежать у vault/secret/prod і не змінювались",
    ],
)
def test_whatever_is_said_a_name_has_two_to_four_words(text: str, extract_blindly: Extract) -> None:
    for topic in extract_blindly(conversation(f"Olha: {text}")).topics:
        assert 2 <= len(topic.name.split()) <= 4
        assert topic.name[-1].isalnum()


@pytest.mark.parametrize(
    "text",
    [
        "Виявилось, що ноут без світла тримає дві години",
        "Оказалось, ноут без света держит два часа",
        "Turns out the laptop lasts two hours once the lights go off",
    ],
)
def test_a_name_joins_no_two_words_that_have_nothing_to_do_with_each_other(
    text: str, extract: Extract
) -> None:
    (name,) = names(extract(conversation(f"Olha: {text}")))
    assert not {"і", "и", "and"} & set(name.lower().split())
