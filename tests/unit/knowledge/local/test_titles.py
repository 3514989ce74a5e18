"""Headlines: short, whole, and nothing but the sentence's own words."""

import pytest

from services.knowledge.local.titles import LONGEST_TITLE, settled_title, title


@pytest.mark.parametrize(
    ("sentence", "expected"),
    [
        ("Насос не качає;", "Насос не качає"),
        ("ну от, насос не качає.", "насос не качає"),
        ("so the pump is dead,", "the pump is dead"),
        ("Хто відповідає за договір?", "Хто відповідає за договір?"),
        ("Рішення: беремо дуб. #рішення", "Рішення: беремо дуб"),
        ("О котрій виїжджає машина?", "О котрій виїжджає машина?"),
        ("ок", "ок"),
    ],
)
def test_a_short_sentence_is_its_own_headline(sentence: str, expected: str) -> None:
    assert title(sentence) == expected


def test_a_long_sentence_is_cut_where_a_clause_ends() -> None:
    clause = "Постачальник привіз не ту фарбу і відмовляється її забирати назад"
    sentence = f"{clause}, тому ми стоїмо і не знаємо, коли взагалі зможемо продовжити роботу на об'єкті"
    assert title(sentence) == clause


def test_a_long_clause_is_cut_before_a_word_of_grammar() -> None:
    headline = title("слово " * 14 + "для людей які прийшли подивитись на виставку у великій залі")
    assert len(headline) <= LONGEST_TITLE
    assert headline.endswith("слово")


@pytest.mark.parametrize(
    "sentence",
    [
        'wrong plural in "1 книг".',
        'The last bug: wrong plural in "1 книг"',
        "Напис на вивісці: «Зачинено»",
    ],
)
def test_a_quotation_at_the_end_stays_closed(sentence: str) -> None:
    assert title(sentence) == sentence.rstrip(".")


def test_nothing_is_left_open() -> None:
    headline = title(
        "Беремо варіант з металевими сходами на другий поверх (їх варять на місці за два дні, матеріал уже є)"
    )
    assert headline == "Беремо варіант з металевими сходами на другий поверх"


def test_a_few_words_stand_with_the_question_that_they_settle() -> None:
    assert settled_title("Що беремо?", "Дубові дошки.") == "Що беремо? Дубові дошки"
    assert settled_title("Пропоную ангар.", "Беремо") == "Пропоную ангар — Беремо"
    asked = "Що беремо для підлоги у великій залі, де восени стояла вода і все розсохлось?"
    assert settled_title(asked, "Дубові дошки з верхнього складу.") == asked


def test_a_title_that_is_cut_leaves_no_quotation_open() -> None:
    headline = title(
        'У заявці на виставковий стенд біля входу треба всюди замінити слово "тимчасовий " і все що поруч'
    )
    assert headline == "У заявці на виставковий стенд біля входу треба всюди замінити слово"
