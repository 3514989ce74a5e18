"""Words are kept as they may be stored and shown."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.knowledge.given import one_line, some_lines
from services.knowledge.wording import clean_icon, clean_name
from shared.contracts.errors import QueryError
from shared.llm.wording import clean


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        (" Черга \t обробника\x00\x07 ", "Черга обробника"),
        ("перший\nдругий", "перший\nдругий"),
        ("Чер\u200bга\ufeff обро\u00adбника", "Черга обробника"),
        ("реліз \u202eпотаз\u2066", "реліз потаз"),
        (unicodedata.normalize("NFD", "Йод і їжак"), "Йод і їжак"),
        ("сім\u2019я 👩\u200d💻", "сім\u2019я 👩\u200d💻"),
        ("lone \ud83d surrogate", "lone \ufffd surrogate"),
    ],
)
def test_what_nobody_sees_is_left_out_and_the_rest_is_composed(written: str, kept: str) -> None:
    assert clean(written) == kept


@given(st.text())
def test_nothing_becomes_longer_and_twice_changes_no_more_than_once(text: str) -> None:
    once = clean(text)
    assert len(once) <= len(text)
    assert clean(once) == once


@pytest.mark.parametrize("nothing", ["", " ", "\n", "\u200b", "\u200d\ufe0f", "\u202e", "\u0301"])
def test_what_shows_nothing_is_refused_with_its_field(nothing: str) -> None:
    for give in (one_line, some_lines):
        with pytest.raises(QueryError) as caught:
            give(nothing, "title")
        assert (caught.value.code, caught.value.body.field) == ("invalid", "title")


def test_names_and_icons_are_one_line_of_what_they_are() -> None:
    assert clean_name("  Черга\n обробника. ") == "Черга обробника"
    assert clean_icon("🚀") == "🚀"
    assert clean_icon("rocket") == "💬"
