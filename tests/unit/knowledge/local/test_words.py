"""Dictionary forms and what texts have in common."""

import pytest

from services.knowledge.local.content import content_words, overlap
from services.knowledge.local.words import words


@pytest.mark.parametrize(
    ("text", "lemma"),
    [
        ("залишків", "залишок"),
        ("вирішили", "вирішити"),
        ("підʼїзди", "під'їзд"),
        ("памʼяттю", "пам'ять"),
        ("решили", "решить"),
        ("замерили", "замерить"),
        ("running", "run"),
        ("batteries", "battery"),
        ("froze", "freeze"),
    ],
)
def test_words_are_known_by_their_dictionary_form(text: str, lemma: str) -> None:
    (word,) = words(text)
    assert lemma in word.forms


def test_each_word_is_read_in_its_own_language() -> None:
    marks = {word.text: word.marks for word in words("насос не качает, замовляємо spare pump")}
    assert "ru" in marks["качает"]
    assert "uk" in marks["замовляємо"]
    assert "en" in marks["pump"]


def test_a_contraction_is_two_words() -> None:
    assert [word.text for word in words("it won't start, let's go")] == [
        *("it", "will", "not", "start", "let", "us", "go"),
    ]


def test_grammar_numbers_and_mentions_are_no_content() -> None:
    text = "@olha, ми вже замовили 40 насосів для теплиці: https://a.example/x"
    assert content_words(text) == {"замовити", "насос", "теплиця"}


@pytest.mark.parametrize(
    ("one", "other", "shared"),
    [
        ("насос у теплиці не качає", "у теплиці поміняли насоси", 2 / 3),
        ("the pump is broken", "we replaced pumps", 0.5),
        ("насос у теплиці", "піца приїхала", 0.0),
        ("", "насос", 0.0),
        ("і та або", "насос", 0.0),
    ],
)
def test_texts_share_words_however_inflected(one: str, other: str, shared: float) -> None:
    assert overlap(one, other) == pytest.approx(shared, abs=0.01)
    assert overlap(one, other) == overlap(other, one)


def test_a_word_that_announces_is_told_from_one_that_does_not() -> None:
    marks = [word.marks for word in words("Рішення: завтра рішення")]
    assert ["announcing" in each for each in marks] == [True, False, False]
