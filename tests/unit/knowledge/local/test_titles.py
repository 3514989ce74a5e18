"""Headlines: short, whole, and nothing but the sentence's own words."""

import pytest

from services.knowledge.local.titles import LONGEST_TITLE, title


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


def test_nothing_is_left_open() -> None:
    headline = title(
        "Беремо варіант з металевими сходами на другий поверх (їх варять на місці за два дні, матеріал уже є)"
    )
    assert headline == "Беремо варіант з металевими сходами на другий поверх"
