"""The labelled conversations fit their format: a fault here would be measured as an extractor's."""

import json
from collections.abc import Iterator
from datetime import datetime
from itertools import combinations
from pathlib import Path
from typing import Any

import pytest

FOLDER = Path(__file__).parents[2] / "benchmarks" / "knowledge"
FILES = sorted(FOLDER.glob("*/*.json"))
PARTS = sorted({path.parent.name for path in FILES})
TYPES = {"problem", "solution", "decision", "question", "insight", "pattern", "requirement"}
LANGUAGES = {"uk", "en", "ru", "mixed"}
MESSAGE_FIELDS = {"id", "author", "sent_at", "reply_to", "text", "noise"}
ATOM_FIELDS = {"type", "topic", "statement", "sources", "accept_types"}

Conversation = dict[str, Any]


def load(path: Path) -> Conversation:
    content: Conversation = json.loads(path.read_text(encoding="utf-8"))
    return content


@pytest.fixture(params=FILES, ids=lambda path: f"{path.parent.name}/{path.stem}")
def conversation(request: pytest.FixtureRequest) -> Conversation:
    return load(request.param)


def sources(conversation: Conversation) -> Iterator[tuple[dict[str, Any], str]]:
    """Every cited message with what is quoted from it."""
    messages = {message["id"]: message for message in conversation["messages"]}
    for atom in conversation["atoms"]:
        for source in atom["sources"]:
            yield messages[source["message"]], source["quote"]


def test_a_conversation_says_what_it_is(conversation: Conversation) -> None:
    assert set(conversation) == {"name", "language", "chat", "messages", "topics", "atoms"}
    assert conversation["language"] in LANGUAGES
    assert conversation["chat"]
    assert 15 <= len(conversation["messages"]) <= 40


def test_messages_are_in_order_and_answer_earlier_ones(conversation: Conversation) -> None:
    seen: set[int] = set()
    times: list[datetime] = []
    for message in conversation["messages"]:
        assert set(message) == MESSAGE_FIELDS
        assert message["author"]
        assert message["text"].strip()
        assert isinstance(message["noise"], bool)
        assert message["id"] not in seen
        assert message["reply_to"] is None or message["reply_to"] in seen
        seen.add(message["id"])
        times.append(datetime.fromisoformat(message["sent_at"]))
    assert times == sorted(times)
    assert all(time.tzinfo for time in times)


def test_topics_have_two_to_four_words_and_are_used(conversation: Conversation) -> None:
    names = [topic["name"] for topic in conversation["topics"]]
    assert len(names) == len(set(names))
    assert all(2 <= len(name.split()) <= 4 for name in names)
    assert all(topic["about"] for topic in conversation["topics"])
    assert {atom["topic"] for atom in conversation["atoms"]} == set(names)


def test_atoms_have_a_type_and_a_statement(conversation: Conversation) -> None:
    for atom in conversation["atoms"]:
        assert set(atom) == ATOM_FIELDS
        assert atom["type"] in atom["accept_types"]
        assert set(atom["accept_types"]) <= TYPES
        assert len(atom["accept_types"]) == len(set(atom["accept_types"]))
        assert 0 < len(atom["statement"]) <= 200
        assert atom["sources"]


def test_quotes_are_word_for_word(conversation: Conversation) -> None:
    for message, quote in sources(conversation):
        assert quote.strip()
        assert quote in message["text"]


def test_noise_is_not_cited(conversation: Conversation) -> None:
    assert not [message["id"] for message, _ in sources(conversation) if message["noise"]]


def test_names_are_the_files_names_and_unique() -> None:
    names = [load(path)["name"] for path in FILES]
    assert names == [path.stem for path in FILES]
    assert len(names) == len(set(names))


@pytest.mark.parametrize("part", PARTS)
def test_a_part_has_all_languages_and_types_and_a_chat_of_almost_nothing(part: str) -> None:
    conversations = [load(path) for path in FILES if path.parent.name == part]
    assert len(conversations) >= 8
    assert {conversation["language"] for conversation in conversations} == LANGUAGES
    assert {atom["type"] for conversation in conversations for atom in conversation["atoms"]} == TYPES
    assert any(len(conversation["atoms"]) <= 2 for conversation in conversations)


def test_no_message_worth_keeping_stands_in_two_parts() -> None:
    kept: dict[str, set[str]] = {part: set() for part in PARTS}
    for path in FILES:
        messages = load(path)["messages"]
        kept[path.parent.name] |= {message["text"] for message in messages if not message["noise"]}
    for one, other in combinations(PARTS, 2):
        assert not kept[one] & kept[other]
