"""Webhook updates: what is saved, ignored and refused, and with which values."""

import json
from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest

from services.ingestion.telegram.incoming import Entity, Forward, IncomingMessage
from services.ingestion.telegram.updates import (
    MESSAGE_KINDS,
    IgnoredUpdate,
    MessageUpdate,
    UnreadableUpdate,
    parse_update,
)
from tests.unit.ingestion.shapes import CHAT_ID, SENT, bot_message, saved


@pytest.mark.parametrize("kind", MESSAGE_KINDS)
def test_each_message_kind_is_saved(kind: str) -> None:
    update = parse_update({"update_id": 5, kind: bot_message(text="Привіт")})
    assert isinstance(update, MessageUpdate)
    assert (update.update_id, update.kind, update.message.text) == (5, kind, "Привіт")


def test_text_message_has_all_its_fields() -> None:
    message = saved(
        bot_message(text="Привіт", edit_date=SENT + 60, media_group_id="139", message_thread_id=4)
    )
    assert (message.chat.telegram_id, message.chat.type, message.chat.title) == (
        CHAT_ID,
        "supergroup",
        "Полиця",
    )
    assert (message.telegram_message_id, message.kind, message.has_text) == (77, "text", True)
    assert message.sent_at == datetime(2026, 10, 5, 6, 6, 37, tzinfo=UTC)
    assert message.edited_at == datetime(2026, 10, 5, 6, 7, 37, tzinfo=UTC)
    assert message.sender is not None
    assert (message.sender.telegram_id, message.sender.display_name) == (418230771, "Олена Кравчук")
    assert (message.sender.first_name, message.sender.last_name) == ("Олена", "Кравчук")
    assert (message.sender.language_code, message.sender.is_bot) == ("uk", False)
    assert (message.media_group_id, message.thread_id) == ("139", 4)
    assert len(message.content_hash) == 16


def test_message_survives_a_journey_as_json() -> None:
    message = saved(
        bot_message(text="див. https://a.b", entities=[{"type": "url", "offset": 5, "length": 11}])
    )
    assert msgspec.json.decode(msgspec.json.encode(message), type=IncomingMessage) == message


@pytest.mark.parametrize(
    ("fields", "kind", "text"),
    [
        ({"photo": [{"file_id": "x"}]}, "photo", "[photo]"),
        ({"photo": [], "caption": "Макет"}, "photo", "Макет"),
        ({"animation": {}, "document": {}}, "animation", "[animation]"),
        ({"venue": {}, "location": {}}, "venue", "[venue]"),
        ({"voice": {"duration": 3}}, "voice", "[voice]"),
        ({"video_note": {}}, "video_note", "[video_note]"),
        ({"sticker": {"emoji": "🎉"}}, "sticker", "[sticker]"),
        ({"document": {}, "caption": " \n"}, "document", "[document]"),
        ({"poll": {"question": "Коли реліз?"}}, "poll", "Коли реліз?"),
        ({"poll": "broken"}, "poll", "[poll]"),
        ({"contact": {}}, "contact", "[contact]"),
        ({"something_of_2031": {}}, "unsupported", "[unsupported]"),
        ({"text": ""}, "unsupported", "[unsupported]"),
    ],
)
def test_media_is_kept_with_its_kind(fields: dict[str, Any], kind: str, text: str) -> None:
    message = saved(bot_message(**fields))
    assert (message.kind, message.text, message.has_text) == (kind, text, not text.startswith("["))


@pytest.mark.parametrize(
    ("fields", "action", "text"),
    [
        ({"new_chat_members": [{"id": 1}]}, "new_chat_members", "[new_chat_members]"),
        ({"pinned_message": {"message_id": 5, "date": 0}}, "pinned_message", "[pinned_message]"),
        ({"new_chat_title": "Нова назва"}, "new_chat_title", "[new_chat_title: Нова назва]"),
        ({"forum_topic_created": {"name": "Реліз"}}, "forum_topic_created", "[forum_topic_created: Реліз]"),
        ({"forum_topic_closed": {}}, "forum_topic_edited", "[forum_topic_edited]"),
    ],
)
def test_service_messages_name_their_action(fields: dict[str, Any], action: str, text: str) -> None:
    message = saved(bot_message(**fields))
    assert (message.kind, message.service_action, message.text) == ("service", action, text)
    assert not message.has_text


def test_migration_keeps_both_ids() -> None:
    old = {"id": -420, "type": "group", "title": "Полиця"}
    assert saved(bot_message(chat=old, migrate_to_chat_id=CHAT_ID)).migrate_to_chat_id == CHAT_ID
    assert saved(bot_message(migrate_from_chat_id=-420)).migrate_from_chat_id == -420


def test_stand_in_user_of_an_anonymous_admin_is_not_the_sender() -> None:
    message = saved(
        bot_message(
            text="від імені групи",
            sender_chat={"id": CHAT_ID, "type": "supergroup", "title": "Полиця"},
            **{
                "from": {
                    "id": 1087968824,
                    "is_bot": True,
                    "first_name": "Group",
                    "username": "GroupAnonymousBot",
                }
            },
        )
    )
    assert message.sender is None
    assert message.sender_chat is not None
    assert message.sender_chat.telegram_id == CHAT_ID


def test_reply_is_kept_but_belonging_to_a_topic_is_no_reply() -> None:
    opening = {"message_id": 4, "date": SENT, "forum_topic_created": {"name": "Реліз"}}
    in_topic = saved(bot_message(text="a", message_thread_id=4, reply_to_message=opening))
    reply = saved(
        bot_message(text="a", message_thread_id=4, reply_to_message={"message_id": 70, "date": SENT})
    )
    assert (in_topic.reply_to_message_id, in_topic.thread_id) == (None, 4)
    assert (reply.reply_to_message_id, reply.thread_id) == (70, 4)


@pytest.mark.parametrize("reply", [{"message_id": 0, "date": 0}, {}, "gone", None, {"message_id": "x"}])
def test_inaccessible_reply_is_no_reply(reply: object) -> None:
    assert saved(bot_message(text="a", reply_to_message=reply)).reply_to_message_id is None


@pytest.mark.parametrize(
    ("fields", "name", "origin_id"),
    [
        (
            {
                "forward_origin": {
                    "type": "user",
                    "date": SENT,
                    "sender_user": {"id": 7, "first_name": "Віктор"},
                }
            },
            "Віктор",
            7,
        ),
        (
            {"forward_origin": {"type": "hidden_user", "date": SENT, "sender_user_name": "Хтось"}},
            "Хтось",
            None,
        ),
        (
            {"forward_origin": {"type": "channel", "date": SENT, "chat": {"id": -1009, "title": "DOU"}}},
            "DOU",
            -1009,
        ),
        (
            {"forward_origin": {"type": "chat", "date": SENT, "sender_chat": {"id": -8, "title": "Гурт"}}},
            "Гурт",
            -8,
        ),
        ({"forward_from": {"id": 7, "first_name": "Віктор"}, "forward_date": SENT}, "Віктор", 7),
        ({"forward_sender_name": "Хтось", "forward_date": SENT}, "Хтось", None),
        ({"forward_from_chat": {"id": -1009, "title": "DOU"}, "forward_date": SENT}, "DOU", -1009),
    ],
)
def test_forwards_of_new_and_old_form(fields: dict[str, Any], name: str, origin_id: int | None) -> None:
    sent_at = datetime.fromtimestamp(SENT, UTC)
    assert saved(bot_message(text="a", **fields)).forward == Forward(name, origin_id, sent_at)


def test_entities_count_utf16_and_never_overlap() -> None:
    message = saved(
        bot_message(
            text="😀 дивись https://a.b тут",
            entities=[
                {"type": "bold", "offset": 3, "length": 6},
                {"type": "url", "offset": 10, "length": 11},
                {"type": "italic", "offset": 12, "length": 3},
                {"type": "text_link", "offset": 22, "length": 3, "url": "https://c.d"},
                {"type": "bold", "offset": 24, "length": 90},
                {"type": "unheard_of", "offset": 0, "length": 2},
                "nonsense",
            ],
        )
    )
    assert message.entities == (
        Entity("bold", 3, 6),
        Entity("url", 10, 11),
        Entity("text_link", 22, 3, url="https://c.d"),
    )


def test_what_postgres_cannot_hold_is_replaced() -> None:
    body = rb"""{"message": {"message_id": 1, "date": 1791180397, "chat": {"id": 5},
        "text": "a\u0000b\ud800c",
        "from": {"id": 6, "first_name": "\u0000\ud83d"}}}"""
    update = parse_update(body)
    assert isinstance(update, MessageUpdate)
    assert update.message.text == "a b\ufffdc"
    assert update.message.sender is not None
    assert update.message.sender.display_name == "\ufffd"


def test_one_broken_byte_does_not_cost_the_message() -> None:
    body = (
        json.dumps({"message": bot_message(text="день?")}, ensure_ascii=False).encode().replace(b"?", b"\xff")
    )
    update = parse_update(body)
    assert isinstance(update, MessageUpdate)
    assert update.message.text == "день\ufffd"


@pytest.mark.parametrize(
    ("fields", "word"),
    [
        ({"date": 0}, "date is 0"),
        ({"date": 100}, "date is 100"),
        ({"date": 9_999_999_999}, "date is"),
        ({"date": "soon"}, "date is 'soon'"),
        ({"message_id": None}, "message_id is missing"),
        ({"message_id": -1}, "message_id is -1"),
        ({"message_id": 10**30}, "a very large number"),
        ({"chat": None}, "no chat"),
        ({"chat": {"id": 0}}, "no chat"),
        ({"chat": 5}, "no chat"),
        ({"text": "a" * 70_000}, "70,000 characters"),
    ],
)
def test_message_without_what_it_needs_is_refused_with_a_reason(fields: dict[str, Any], word: str) -> None:
    bare = bot_message(text="a")
    message = {key: value for key, value in {**bare, **fields}.items() if value is not None}
    update = parse_update(json.dumps({"update_id": 5, "message": message}).encode())
    assert isinstance(update, UnreadableUpdate)
    assert (update.update_id, update.kind) == (5, "message")
    assert word in update.reason


def test_optional_fields_of_wrong_types_count_as_absent() -> None:
    message = saved(
        bot_message(
            text="a",
            entities={"type": "bold"},
            reply_to_message=5,
            message_thread_id=[],
            edit_date="x",
            forward_origin=[],
            sender_chat="x",
            media_group_id=5,
            **{"from": {"id": "6", "is_bot": "yes", "first_name": 5, "username": None}},
        )
    )
    assert message.sender is not None
    assert (message.sender.telegram_id, message.sender.is_bot, message.sender.display_name) == (6, None, None)
    assert (message.edited_at, message.forward, message.entities, message.thread_id) == (None, None, (), None)


def test_unknown_chat_type_is_told_by_the_id() -> None:
    kinds = {
        chat_id: saved(bot_message(text="a", chat={"id": chat_id})).chat.type for chat_id in (5, -5, CHAT_ID)
    }
    assert kinds == {5: "private", -5: "group", CHAT_ID: "supergroup"}


@pytest.mark.parametrize(
    ("update", "kind"),
    [
        ({"update_id": 1, "callback_query": {}}, "callback_query"),
        ({"update_id": 1, "message_reaction": {}}, "message_reaction"),
        ({"update_id": 1, "invented_in_2031": {}}, "unknown"),
        ({}, "unknown"),
    ],
)
def test_other_kinds_are_named_and_ignored(update: dict[str, object], kind: str) -> None:
    assert parse_update(update) == IgnoredUpdate(update.get("update_id"), kind)  # type: ignore[arg-type]  # an int


@pytest.mark.parametrize(
    "body", [b"", b"{", b"[]", b"null", b'"text"', b"\xff\xfe", b"[" * 200_000, b'{"message":1}']
)
def test_what_is_no_update_is_refused(body: bytes) -> None:
    assert isinstance(parse_update(body), UnreadableUpdate)
