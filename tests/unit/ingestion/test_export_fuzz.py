"""Whatever stands in an exported message, it is read or reported, and the one after it is read."""

import json
from typing import Any

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from services.ingestion.telegram.export import SkippedMessage, UnreadableMessage
from services.ingestion.telegram.incoming import IncomingMessage
from tests.unit.ingestion.shapes import export, exported_message, items

_TEXT = st.text(max_size=20) | st.sampled_from(
    ["user5", "channel5", "service", "unsupported", "topic_created", "bold"]
)
_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | _TEXT,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(_TEXT, inner, max_size=4),
    max_leaves=10,
)
_FIELDS = st.sampled_from(
    [
        *("id", "type", "date", "date_unixtime", "edited_unixtime", "from", "from_id", "actor", "actor_id"),
        *(
            "action",
            "title",
            "text",
            "text_entities",
            "reply_to_message_id",
            "reply_to_peer_id",
            "media_type",
        ),
        *("photo", "file", "poll", "forwarded_from", "place_name"),
    ]
)
_PARTS = st.lists(
    st.fixed_dictionaries({"type": _JSON, "text": _JSON}, optional={"href": _JSON, "user_id": _JSON})
)


@given(st.dictionaries(_FIELDS, _JSON, max_size=7), st.none() | _PARTS, st.integers(1, 400))
def test_any_message_is_read_or_reported(fields: dict[str, Any], parts: list[Any] | None, size: int) -> None:
    odd = {**exported_message(text="Привіт"), **fields} | (
        {"text_entities": parts} if parts is not None else {}
    )
    _, first, last = items(export(odd, exported_message(id=78, text="далі")), chunk=size)
    assert isinstance(first, IncomingMessage | UnreadableMessage | SkippedMessage)
    assert b"\\u0000" not in msgspec.json.encode(first)
    assert isinstance(last, IncomingMessage)
    assert last.text == "далі"


@given(st.dictionaries(st.sampled_from(["name", "type", "id", "about", "chats", "left_chats"]), _JSON))
def test_any_header_is_read_or_reported(header: dict[str, Any]) -> None:
    file = json.dumps({"type": "personal_chat", "id": 5, **header, "messages": [exported_message(text="а")]})
    assert items(file.encode())
