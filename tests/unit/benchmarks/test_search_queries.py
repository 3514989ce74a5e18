"""The search evaluation keeps what it promises: ids that exist, and kinds of query that are what they say."""

import json
import re
from collections import Counter
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parents[2] / "benchmarks" / "search"
CORPUS: list[dict[str, Any]] = json.loads((FOLDER / "corpus.json").read_text(encoding="utf-8"))
QUERIES: list[dict[str, Any]] = json.loads((FOLDER / "queries.json").read_text(encoding="utf-8"))
MESSAGES = {message["id"]: message for message in CORPUS}
PAIRS = [(query, MESSAGES[number]) for query in QUERIES for number in query["relevant"]]
LANGUAGES = {"uk", "en", "ru"}


def content_words(text: str) -> set[str]:
    """The beginnings of the longer words: near enough to their stems in all three languages."""
    return {word[:5] for word in re.findall(r"[\w']+", text.lower()) if len(word) >= 4}


def test_the_corpus_is_large_enough_and_has_no_doubles() -> None:
    assert 250 <= len(CORPUS) <= 300
    assert len(MESSAGES) == len(CORPUS)
    assert len({message["text"] for message in CORPUS}) == len(CORPUS)
    assert {message["language"] for message in CORPUS} == {*LANGUAGES, "mixed"}
    assert all(4 <= len(message["text"].split()) <= 40 for message in CORPUS)


def test_every_query_has_an_answer() -> None:
    assert len(QUERIES) >= 75
    assert len({query["query"] for query in QUERIES}) == len(QUERIES)
    for query in QUERIES:
        assert set(query) == {"query", "kind", "language", "relevant"}
        assert query["language"] in LANGUAGES
        assert 1 <= len(query["relevant"]) <= 3
        assert len(set(query["relevant"])) == len(query["relevant"])
        assert set(query["relevant"]) <= set(MESSAGES)


def test_each_kind_is_about_a_third() -> None:
    kinds = Counter(query["kind"] for query in QUERIES)
    assert set(kinds) == {"paraphrase", "lexical", "cross_language"}
    assert min(kinds.values()) >= len(QUERIES) / 4


def test_a_paraphrase_shares_no_content_word() -> None:
    for query, message in PAIRS:
        if query["kind"] == "paraphrase":
            assert query["language"] == message["language"]
            assert not content_words(query["query"]) & content_words(message["text"]), query["query"]


def test_cross_language_queries_go_in_all_directions() -> None:
    ways = {
        (query["language"], message["language"])
        for query, message in PAIRS
        if query["kind"] == "cross_language"
    }
    assert ways == {(asked, answered) for asked in LANGUAGES for answered in LANGUAGES if asked != answered}
