"""Folding and stems: the same word in many spellings and forms."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.language.folding import fold, words_of
from shared.language.stems import possible_stems, similarity, stem_of


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("П’ять п'ятниць", " пять пятниць "),
        ("м`яч мʼяч м´яч", " мяч мяч мяч "),
        ("Ґанок і ёлка", " ганок і елка "),
        ("db-prod-2: v2.12 (#2741)", " db prod 2 v2 12 2741 "),
        ("Переи\u0306шли", " перейшли "),
        ("don't", " dont "),
        ("snake_case 👍 1️⃣", " snake case 1 "),
        ("«Реліз»", " реліз "),
        ("👍 …", ""),
        ("", ""),
    ],
)
def test_text_is_folded_to_its_words(text: str, folded: str) -> None:
    assert fold(text) == folded


@given(st.text())
def test_words_stand_where_they_are_said_to_and_folding_again_changes_nothing(text: str) -> None:
    words = list(words_of(text))
    assert all(0 <= word.start < word.end <= len(text) for word in words)
    assert all(one.end <= other.start for one, other in pairwise(words))
    assert "\x00" not in fold(text)


@pytest.mark.parametrize(
    ("forms", "stem"),
    [
        (("міграція", "міграції", "міграцію", "міграцією"), "міграц"),
        (("черга", "черги", "чергу", "чергою"), "черг"),
        (("реліз", "релізу", "релізи", "релізами"), "реліз"),
        (("платёж".replace("ё", "е"), "платежи", "платежами"), "платеж"),
        (("order", "orders"), "order"),
        (("код",), "код"),
        (("v2",), "v2"),
    ],
)
def test_forms_of_a_word_have_one_stem(forms: tuple[str, ...], stem: str) -> None:
    assert {stem_of(form) for form in forms} == {stem}


def test_similarity_is_of_trigrams() -> None:
    assert similarity("реліз", "реліз") == 1
    assert similarity("реліз", "чек") == 0
    assert similarity("перевантажено", "перевантаженно") > 0.7


@pytest.mark.parametrize(
    ("word", "stems"),
    [
        ("касами", {"касами", "касам", "кас"}),
        ("реклам", {"реклам", "рекл"}),
        ("термінали", {"термінали", "термінал"}),
        ("pulling", {"pulling", "pull"}),
        ("код", {"код"}),
        ("v2ами", {"v2ами"}),
    ],
)
def test_word_has_these_possible_stems(word: str, stems: set[str]) -> None:
    assert possible_stems(word) == stems


def test_apostrophe_that_stands_alone_is_no_word() -> None:
    assert list(words_of("ʹ ʼ")) == []
    assert fold("ʹ\x1bʼ") == ""
