"""The promise: what is said is quoted word for word, and the same input gives the same answer."""

from collections.abc import Callable
from itertools import pairwise

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.knowledge.answers import ChatLine, Conversation, Extraction
from services.knowledge.local.extraction import extract as extract_with
from services.knowledge.local.extraction import wanted_texts
from services.knowledge.local.sentences import sentences
from services.knowledge.local.titles import LONGEST_TITLE, title
from shared.evidence.citations import find_quote
from tests.unit.knowledge.local.conftest import Model
from tests.unit.knowledge.local.saying import conversation

Extract = Callable[[Conversation], Extraction]

PIECES = st.sampled_from(
    [
        "Вирішили: беремо другий варіант. ",
        "не працює 1,9 с (т.п.) ",
        "Every time it fails! ",
        "після каси 😂😂 ",
        "https://a.example/b?c=d. ",
        "```code. here``` ",
        "\n— пункт; ",
        "\n1. must be 5%\n",
        "«Що?» – спитав ",
        "тому що…",
        ")))) ",
        "\u200bнуль\u00a0пробіл\u0301 ",
        "@olha #рішення ",
        "SELECT * FROM t;\n",
        "x" * 700 + " ",
    ]
)
TEXTS = st.one_of(st.text(max_size=300), st.lists(PIECES, max_size=12).map("".join))


@given(text=TEXTS)
@settings(max_examples=300, deadline=None)
def test_sentences_are_pieces_of_the_text_in_order(text: str) -> None:
    found = sentences(text)
    assert all(text[each.start : each.end] == each.text for each in found)
    assert all(one.end <= other.start for one, other in pairwise(found))
    assert all(any(character.isalnum() for character in each.text) for each in found)


@given(text=TEXTS)
@settings(max_examples=200, deadline=None)
def test_a_title_is_a_piece_of_its_sentence(text: str) -> None:
    for sentence in sentences(text):
        headline = title(sentence.text)
        assert 0 < len(headline) <= LONGEST_TITLE
        assert headline in " ".join(sentence.text.split())


@given(texts=st.lists(TEXTS, min_size=1, max_size=6))
@settings(max_examples=150, deadline=None)
def test_every_quote_is_found_in_its_message(texts: list[str]) -> None:
    said = conversation("Olha: Вирішили: друкуємо у Львові, тираж 500")
    lines = [
        msgspec.structs.replace(said.lines[0], number=number, text=text, author=f"A{number % 2}")
        for number, text in enumerate([said.lines[0].text, *texts], start=1)
    ]
    found = extract_with(Conversation(chat="Test", lines=lines), {})
    _assert_sound(found, lines)
    assert found.atoms


@given(texts=st.lists(st.lists(PIECES, min_size=1, max_size=6).map("".join), min_size=1, max_size=6))
@settings(max_examples=100, deadline=None)
def test_every_quote_is_found_whatever_the_vectors_say(texts: list[str]) -> None:
    base = conversation(*(f"A{at % 2}: x" for at, _ in enumerate(texts)))
    lines = [msgspec.structs.replace(line, text=text) for line, text in zip(base.lines, texts, strict=True)]
    said = Conversation(chat="Test", lines=lines)
    vectors = {text: [float(len(text) % 7), float(at % 5), 1.0] for at, text in enumerate(wanted_texts(said))}
    _assert_sound(extract_with(said, vectors), lines)


def _assert_sound(found: Extraction, lines: list[ChatLine]) -> None:
    """The answer fits its own limits, names what is there, and quotes word for word."""
    msgspec.json.decode(msgspec.json.encode(found), type=Extraction)
    texts = {line.number: line.text for line in lines}
    assert all(find_quote(texts[quote.message], quote.text) for atom in found.atoms for quote in atom.quotes)
    assert {atom.topic for atom in found.atoms} == {topic.name for topic in found.topics}
    assert all(atom.confidence <= 0.6 for atom in found.atoms)
    assert all(topic.confidence <= 0.6 for topic in found.topics)
    numbers = range(1, len(found.atoms) + 1)
    assert all(link.source in numbers and link.target in numbers for link in found.links)


SAID = (
    "Olha: З дев'ятої не друкує касовий апарат, черга до дверей",
    "Ihor > 1: Перезапустив службу друку, чеки йдуть",
    "Olha: Чи можна здати виручку в суботу?",
    "Ihor > 3: Ні, банк приймає тільки у будні до четвертої",
    "Marko: піца приїхала 🍕",
)


def test_the_same_conversation_gives_the_same_answer(extract: Extract) -> None:
    assert extract(conversation(*SAID)) == extract(conversation(*SAID))


def test_vectors_are_asked_for_once_and_of_each_text_once(extract: Extract, model: Model) -> None:
    extract(conversation(*SAID, SAID[0]))
    (texts,) = model.calls
    assert len(texts) == len(set(texts))


@pytest.mark.parametrize("text", ["", " ", "👍", "...", "12:30"])
def test_an_empty_conversation_gives_nothing(text: str, extract: Extract) -> None:
    nothing = Extraction(topics=[], atoms=[], links=[])
    assert extract(conversation(f"Olha: {text}")) == nothing
    assert extract(Conversation(chat="Test", lines=[])) == nothing


def test_a_message_of_nothing_but_items_stays_within_the_answers_limits(extract_blindly: Extract) -> None:
    items = "\n".join(f"- пункт {at}: звіт має бути не пізніше {at} години" for at in range(300))
    found = extract_blindly(conversation(*(f"Olha: Вимоги:\n{items}" for _ in range(3))))
    assert 0 < len(found.atoms) <= 100
    assert len(found.topics) <= 20
    assert len(found.links) <= 200
