"""Quoting what servers say of errors."""

import pytest

from shared.llm.quoting import Quoting

KEY = "sk-0123456789"
SENT = ["Сьогодні о восьмій вечора ми перезапускаємо чергу", "short one"]


def quote(message: object) -> str:
    return Quoting(KEY, SENT).quote(message)


def test_what_a_server_says_is_quoted_on_one_line_and_not_at_length() -> None:
    assert quote("Rate limit\n reached.\x00") == "Rate limit reached."
    assert len(quote("long " * 1000)) == 201


@pytest.mark.parametrize("message", [None, 7, {"a": 1}, "<html>\n<body>502 Bad Gateway"])
def test_what_is_no_sentence_is_not_quoted(message: object) -> None:
    assert quote(message) == ""


def test_key_is_never_quoted() -> None:
    assert quote(f"Incorrect API key provided: {KEY}.") == "Incorrect API key provided: ***."


@pytest.mark.parametrize("piece", ["ми перезапускаємо чергу сьогодні", SENT[0], "short one"])
def test_what_was_sent_is_never_quoted(piece: str) -> None:
    message = f"Cannot tokenise '{piece}'"
    repeats = piece in SENT or any(piece[:24] in text for text in SENT)
    assert (quote(message) == "") is repeats


def test_ordinary_words_do_not_count_as_repeated() -> None:
    assert Quoting("", ["model"]).quote("The model does not exist.") == "The model does not exist."
