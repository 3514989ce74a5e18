"""The same message by webhook and by export gives the same values, wherever both roads know them."""

from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.ingestion.telegram.incoming import IncomingMessage
from tests.unit.ingestion.shapes import (
    BARE_CHAT_ID,
    CHAT_ID,
    OLENA,
    SENT,
    bot_message,
    exported_message,
    imported,
    saved,
)

_ACTOR = {"from": None, "from_id": None, "actor": "Олена Кравчук", "actor_id": "user418230771"}
_GROUP = {"id": CHAT_ID, "type": "supergroup", "title": "Полиця"}


def known(message: IncomingMessage) -> dict[str, Any]:
    """The fields that are not None, also inside chat, sender and forward."""

    def pruned(value: Any) -> Any:
        if isinstance(value, msgspec.Struct):
            value = msgspec.structs.asdict(value)
            return {key: pruned(inner) for key, inner in value.items() if inner is not None}
        return value

    found = pruned(message)
    assert isinstance(found, dict)
    return found


def agree(by_webhook: IncomingMessage, by_export: IncomingMessage) -> None:
    """Fail where both roads know a field and differ, or where only the export knows one."""
    expected, found = known(by_webhook), known(by_export)
    for key, value in found.items():
        if isinstance(value, dict) and isinstance(expected.get(key), dict):
            assert value.items() <= expected[key].items(), key
        else:
            assert expected.get(key) == value, key
    must_know = {"text", "content_hash", "has_text", "kind", "sent_at", "edited_at", "sender", "entities"}
    assert must_know & expected.keys() <= found.keys()
    assert ("reply_to_message_id" in expected) == ("reply_to_message_id" in found)


@pytest.mark.parametrize(
    ("bot", "exported"),
    [
        (bot_message(text="Привіт"), exported_message(text="Привіт")),
        (
            bot_message(text="так", edit_date=SENT + 5, reply_to_message={"message_id": 70, "date": SENT}),
            exported_message(text="так", edited_unixtime=str(SENT + 5), reply_to_message_id=70),
        ),
        (
            bot_message(
                text="😀 Рішення: дивись тут",
                entities=[
                    {"type": "bold", "offset": 3, "length": 8},
                    {"type": "italic", "offset": 5, "length": 2},
                    {"type": "text_link", "offset": 19, "length": 3, "url": "https://a.b/"},
                ],
            ),
            exported_message(
                text_entities=[
                    {"type": "plain", "text": "😀 "},
                    {"type": "bold", "text": "Рішення:"},
                    {"type": "plain", "text": " дивись "},
                    {"type": "text_link", "text": "тут", "href": "https://a.b/"},
                ]
            ),
        ),
        (
            bot_message(
                photo=[{}],
                caption="@olena глянь",
                caption_entities=[{"type": "mention", "offset": 0, "length": 6}],
            ),
            exported_message(
                photo="(File not included. Change data exporting settings to download.)",
                text_entities=[{"type": "mention", "text": "@olena"}, {"type": "plain", "text": " глянь"}],
            ),
        ),
        (bot_message(sticker={"emoji": "🎉"}), exported_message(file="a.webp", media_type="sticker")),
        (bot_message(voice={}), exported_message(file="a.ogg", media_type="voice_message")),
        (bot_message(animation={}, document={}), exported_message(file="a.mp4", media_type="animation")),
        (bot_message(document={}), exported_message(file="a.pdf")),
        (
            bot_message(poll={"question": "Коли?"}),
            exported_message(poll={"question": "Коли?", "answers": []}),
        ),
        (
            bot_message(venue={}, location={}),
            exported_message(place_name="Офіс", address="Київ", location_information={"latitude": 50}),
        ),
        (
            bot_message(
                text="див.",
                forward_origin={"type": "channel", "date": SENT - 9, "chat": {"id": -1009, "title": "DOU"}},
            ),
            exported_message(text="див.", forwarded_from="DOU"),
        ),
        (
            bot_message(text="від групи", sender_chat=_GROUP, **{"from": {"id": 1087968824, "is_bot": True}}),
            exported_message(text="від групи", **{"from": "Полиця", "from_id": f"channel{BARE_CHAT_ID}"}),
        ),
        (
            bot_message(new_chat_members=[OLENA], new_chat_member=OLENA),
            exported_message(type="service", action="join_group_by_link", **_ACTOR),
        ),
        (
            bot_message(pinned_message={"message_id": 5, "date": SENT}),
            exported_message(type="service", action="pin_message", message_id=5, **_ACTOR),
        ),
        (
            bot_message(new_chat_title="Полиця 2"),
            exported_message(type="service", action="edit_group_title", title="Полиця 2", **_ACTOR),
        ),
        (
            bot_message(migrate_from_chat_id=-420),
            exported_message(type="service", action="migrate_from_group", title="Полиця", **_ACTOR),
        ),
    ],
)
def test_golden_pairs_agree(bot: dict[str, Any], exported: dict[str, Any]) -> None:
    agree(saved(bot), imported(exported)[0])


def test_topic_and_reply_in_it_agree() -> None:
    opening = {"message_id": 4, "date": SENT, "forum_topic_created": {"name": "Реліз"}}
    by_webhook = [
        saved(bot_message(message_id=4, message_thread_id=4, forum_topic_created={"name": "Реліз"})),
        saved(bot_message(message_id=5, message_thread_id=4, reply_to_message=opening, text="а")),
        saved(bot_message(message_id=6, message_thread_id=4, reply_to_message={"message_id": 5}, text="б")),
    ]
    by_export = imported(
        exported_message(id=4, type="service", action="topic_created", title="Реліз", **_ACTOR),
        exported_message(id=5, reply_to_message_id=4, text="а"),
        exported_message(id=6, reply_to_message_id=5, text="б"),
    )
    for one, other in zip(by_webhook, by_export, strict=True):
        agree(one, other)


def test_private_chat_agrees() -> None:
    chat = {
        "id": 418230771,
        "type": "private",
        "first_name": "Олена",
        "last_name": "Кравчук",
        "username": "olena",
    }
    bot = saved(bot_message(chat=chat, text="а"))
    agree(
        bot, imported(exported_message(text="а"), type="personal_chat", id=418230771, name="Олена Кравчук")[0]
    )


_PIECE = st.text(
    st.characters(codec="utf-8", exclude_characters="\r\u2028\u2029\u202a\u202b\u202c\u202d\u202e"),
    min_size=1,
    max_size=8,
)
_MARKS = {"bold": "bold", "code": "code", "url": "link", "phone_number": "phone", "spoiler": "spoiler"}
_PARTS = st.lists(st.tuples(st.sampled_from([None, *_MARKS]), _PIECE), min_size=1, max_size=8)


@given(_PARTS, st.integers(SENT, SENT + 10**8), st.none() | st.integers(1, 70))
def test_any_text_agrees(parts: list[tuple[str | None, str]], sent: int, reply: int | None) -> None:
    text, entities, offset = "", [], 0
    for kind, piece in parts:
        length = len(piece.encode("utf-16-le")) // 2
        if kind:
            entities.append({"type": kind, "offset": offset, "length": length})
        text, offset = text + piece, offset + length
    replied = {"message_id": reply} if reply else None
    bot = bot_message(text=text, entities=entities, date=sent, reply_to_message=replied)
    exported = exported_message(
        text_entities=[{"type": _MARKS[kind] if kind else "plain", "text": piece} for kind, piece in parts],
        date_unixtime=str(sent),
        reply_to_message_id=reply,
    )
    agree(saved(bot), imported(exported)[0])
