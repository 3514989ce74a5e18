"""Whatever the bytes are, an update gives a value that JSON and Postgres can take."""

import json
from typing import Any

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from services.ingestion.telegram.updates import MESSAGE_KINDS, MessageUpdate, Update, parse_update
from tests.unit.ingestion.shapes import bot_message

_TEXT = st.text(st.characters(codec=None, exclude_categories=()), max_size=30)
_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | _TEXT,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(_TEXT, inner, max_size=4),
    max_leaves=12,
)
_FIELDS = st.sampled_from(
    [
        *(
            "message_id",
            "date",
            "chat",
            "from",
            "text",
            "entities",
            "caption",
            "caption_entities",
            "photo",
            "poll",
        ),
        *(
            "sender_chat",
            "reply_to_message",
            "message_thread_id",
            "forward_origin",
            "forward_from",
            "edit_date",
        ),
        *("forward_date", "media_group_id", "new_chat_title", "forum_topic_created", "migrate_to_chat_id"),
    ]
)
_ENTITY = st.fixed_dictionaries(
    {"type": st.sampled_from(["bold", "url", "pre", "text_link", "text_mention"]) | _TEXT},
    optional={
        "offset": st.integers(-3, 40),
        "length": st.integers(-3, 40),
        "url": _JSON,
        "user": _JSON,
        "language": _JSON,
    },
)


def storable(update: Update) -> None:
    """Fail unless UTF-8, JSON and Postgres's text can all hold every part of it."""
    encoded = msgspec.json.encode(update)
    assert b"\\u0000" not in encoded
    if isinstance(update, MessageUpdate):
        units = len(update.message.text.encode("utf-16-le")) // 2
        ends = [0]
        for entity in update.message.entities:
            assert ends[-1] <= entity.offset < entity.offset + entity.length <= units
            ends.append(entity.offset + entity.length)
        assert update.message.text
        assert msgspec.json.decode(encoded, type=MessageUpdate) == update


@given(st.binary(max_size=200))
def test_any_bytes(body: bytes) -> None:
    storable(parse_update(body))


@given(_JSON)
def test_any_json(value: object) -> None:
    storable(parse_update(json.dumps(value).encode()))


@given(st.sampled_from(MESSAGE_KINDS), st.dictionaries(_FIELDS, _JSON, max_size=6))
def test_any_field_of_any_type(kind: str, fields: dict[str, Any]) -> None:
    message = {**bot_message(text="Привіт"), **fields}
    storable(parse_update(json.dumps({"update_id": 1, kind: message}).encode()))
    storable(parse_update({"update_id": 1, kind: message}))


@given(_TEXT, st.lists(_ENTITY, max_size=6))
def test_any_text_with_any_entities(text: str, entities: list[dict[str, Any]]) -> None:
    storable(parse_update({"message": bot_message(text=text, entities=entities)}))


@given(st.data())
def test_any_damage_to_a_good_body(data: st.DataObject) -> None:
    body = bytearray(json.dumps({"update_id": 1, "message": bot_message(text="Привіт 😀")}).encode())
    for _ in range(data.draw(st.integers(1, 4))):
        body[data.draw(st.integers(0, len(body) - 1))] = data.draw(st.integers(0, 255))
    storable(parse_update(bytes(body[: data.draw(st.integers(0, len(body)))])))
