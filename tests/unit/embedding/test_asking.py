"""What of a query is looked for, and what of a text is marked."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.embedding.asking import MOST_WORDS, read_query
from services.embedding.highlighting import matches_of


@pytest.mark.parametrize(
    ("query", "patterns"),
    [
        ("Що з міграцією бази?", ["% міграц%", "% баз%"]),
        ("where is the release", ["% release%"]),
        ("db-prod-2", ["% db prod 2%"]),
        ("PR #2741", ["% pr %", "% 2741%"]),
        ("реліз о 10:30", ["% реліз%", "% 10 30%"]),
        ("логін/пароль", ["% логін%", "% парол%"]),
        ("міграція—реліз… склад:залишки", ["% міграц%", "% реліз%", "% склад%", "% залишк%"]),
        ("веб-сервера", ["% веб сервер%"]),
        ("не", ["% не %"]),
        ("реліз, реліз", ["% реліз%"]),
        ("👍", []),
    ],
)
def test_query_is_looked_for_by_its_telling_words(query: str, patterns: list[str]) -> None:
    assert [word.pattern for word in read_query(query).words] == patterns


def test_long_query_is_looked_for_by_its_longest_words_and_numbers() -> None:
    query = "T-77 кіт пес " + " ".join(f"слово{'о' * number}" for number in range(12))
    words = read_query(query).words
    assert len(words) == MOST_WORDS
    assert words[0].folded == "t 77"
    assert {"кіт", "пес"}.isdisjoint(word.folded for word in words)


@pytest.mark.parametrize(
    ("query", "text", "shown"),
    [
        ("міграція бази", "Міграцію баз 👍 відклали, базу не чіпали", ["Міграцію", "баз", "базу"]),
        ("п'ятниця", "у п’ятницю", ["п’ятницю"]),
        ("db-prod-2", "впав db-prod-2, а db і prod ні", ["db-prod-2"]),
        ("2741", "PR #2741, не 27 і не 27415", ["2741"]),
        ("T-45210", "T-45210, а не T-45211", ["T-45210"]),
        ("веб-сервер", "біля веб-сервера, а не сервера", ["веб-сервера"]),
        ("логін/пароль", "пароль і логін", ["пароль", "логін"]),
        ("код", "кодом, а не кодексами", ["кодом"]),
        ("зупинилась", "зупинилася черга", ["зупинилася"]),
        ("що", "що це", ["що"]),
        ("що реліз", "що за реліз", ["реліз"]),
        ("реліз", "", []),
    ],
)
def test_matches_are_marked_by_characters(query: str, text: str, shown: list[str]) -> None:
    found = matches_of(text, read_query(query).words)
    assert [text[start:end] for start, end in found] == shown


@given(st.text(), st.text())
def test_ranges_are_in_order_within_the_text_and_apart(query: str, text: str) -> None:
    found = matches_of(text, read_query(query).words)
    places = [place for each in found for place in each]
    assert places == sorted(places)
    assert all(0 <= start < end <= len(text) for start, end in found)
