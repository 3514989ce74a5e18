"""A quote is in a message word for word, or it is not in it at all."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.evidence.citations import find_quote

MESSAGE = "Вирішили: переходимо на NATS 2.12\n до п'ятниці, бо черга стоїть  по 40 секунд."


@pytest.mark.parametrize(
    ("quote", "words"),
    [
        (MESSAGE, MESSAGE),
        ("переходимо на NATS 2.12 до п'ятниці", "переходимо на NATS 2.12\n до п'ятниці"),
        ("  черга стоїть\tпо 40 секунд ", "черга стоїть  по 40 секунд"),
        ("до п’ятниці", "до п'ятниці"),
        ("до пʼятниці, бо", "до п'ятниці, бо"),
        (unicodedata.normalize("NFD", "черга стоїть"), "черга стоїть"),
        ("секунд.", "секунд."),
        ("40", "40"),
    ],
)
def test_what_was_said_is_found_and_kept_as_it_stands(quote: str, words: str) -> None:
    found = find_quote(MESSAGE, quote)
    assert found is not None
    assert found.words == words
    assert MESSAGE[found.start : found.end] == words


@pytest.mark.parametrize(
    "quote",
    [
        "переходимо на Redis",
        "Переходимо на NATS",
        "переходимо на NATS … по 40 секунд",
        "переходимо NATS",
        "до пятниці",
        "до п ятниці",
        "«черга стоїть»",
        "ходимо на NATS",
        "перехо",
        "на NATS 2",
        "NATS 2.",
        "на NATS 2.1",
        "12\n до п'ятниці",
        "до п",
        "ятниці",
        "",
        " \n",
        ".",
        "👍",
    ],
)
def test_what_was_not_said_so_is_not_found(quote: str) -> None:
    assert find_quote(MESSAGE, quote) is None


@pytest.mark.parametrize(
    ("message", "quote"),
    [
        ("Це неможливо зробити", "можливо зробити"),
        ("працює по-новому", "новому"),
        ("за 1,2 секунди", "за 1"),
        ("дзвінок о 10:30", "дзвінок о 10"),
        ("tokens expired", "token"),
        ("set max_retries to 5", "retries to 5"),
        ("к\u0306ит", "к"),  # a letter that no composed form has, cut before its mark
        ("it's broken", "its broken"),
        ("its broken", "it's broken"),
        ("'ready'", "`ready`"),
    ],
)
def test_part_of_a_word_or_another_word_is_no_quote(message: str, quote: str) -> None:
    assert find_quote(message, quote) is None


def test_second_place_counts_when_the_first_is_within_a_word() -> None:
    found = find_quote("неможливо, а можливо", "можливо")
    assert found is not None
    assert found.start == len("неможливо, а ")


def test_decomposed_message_gives_its_own_characters() -> None:
    message = unicodedata.normalize("NFD", "Мій їжак ще спить")
    found = find_quote(message, "їжак ще")
    assert found is not None
    assert found.words == unicodedata.normalize("NFD", "їжак ще")


def test_conjoining_letters_are_found_by_their_composed_form() -> None:
    message = "\u1112\u1161\u11ab\u1100\u1173\u11af ok"
    found = find_quote(message, unicodedata.normalize("NFC", message))
    assert found is not None
    assert found.words == message
    assert find_quote(message, "\u1112") is None


def test_unseen_characters_do_not_hide_words() -> None:
    message = "Реліз\u200b у вів\u00adторок ⚠\ufe0f зранку"
    found = find_quote(message, "Реліз у вівторок ⚠ зранку")
    assert found is not None
    assert found.words == message


@given(st.text(max_size=60), st.text(max_size=20))
def test_whatever_is_found_is_a_slice_that_says_the_same(text: str, quote: str) -> None:
    found = find_quote(text, quote)
    if found is not None:
        assert text[found.start : found.end] == found.words
        assert find_quote(found.words, quote) is not None


@given(st.text(alphabet="abcдеж ,.'’-2\n\u0301\u200b", min_size=1, max_size=40))
def test_every_message_quotes_itself(text: str) -> None:
    found = find_quote(text, text)
    assert (found is not None) == any(character.isalnum() for character in text)


@pytest.mark.parametrize("letter", ["а", "각", "\u1112\u1161\u11ab"])
def test_heaps_of_marks_on_a_letter_hide_nothing_and_hold_nothing_up(letter: str) -> None:
    heap = letter + "\u0316\u0301" * 4000
    message = f"{heap} реліз у четвер"
    for words in ("реліз у четвер", message):
        found = find_quote(message, unicodedata.normalize("NFC", words))
        assert found is not None
        assert found.words == words
    assert find_quote(message, f"{letter} реліз у четвер") is None
