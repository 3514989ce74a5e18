"""Export files: chats, messages and the values they get."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from services.ingestion.telegram.export import (
    ExportReader,
    SkippedMessage,
    UnreadableChat,
    UnreadableMessage,
    read_export,
)
from services.ingestion.telegram.incoming import Entity, Forward, IncomingChat, IncomingMessage
from tests.unit.ingestion.shapes import BARE_CHAT_ID, CHAT_ID, SENT, export, exported_message, imported, items


def test_single_chat_gives_the_chat_then_its_messages() -> None:
    chat, first, second = items(export(exported_message(id=1, text="а"), exported_message(id=2, text="б")))
    assert chat == IncomingChat(CHAT_ID, "supergroup", "Полиця")
    assert isinstance(first, IncomingMessage)
    assert isinstance(second, IncomingMessage)
    assert (first.telegram_message_id, first.text, first.chat) == (1, "а", chat)
    assert (second.telegram_message_id, second.text) == (2, "б")


def test_empty_chat_is_valid() -> None:
    assert items(export()) == [IncomingChat(CHAT_ID, "supergroup", "Полиця")]


def test_whole_account_gives_every_chat_in_order() -> None:
    def chat(own_id: int, kind: str, *messages: dict[str, Any]) -> dict[str, Any]:
        return {"name": f"Чат {own_id}", "type": kind, "id": own_id, "messages": list(messages)}

    account = {
        "about": "…",
        "personal_information": {"user_id": 5, "id": 9, "messages": "not these"},
        "contacts": {"about": "…", "list": [{"user_id": 3, "messages": ["nor these"]}]},
        "chats": {
            "about": "…",
            "list": [
                chat(1, "personal_chat", exported_message(id=10, text="а")),
                chat(2, "private_group"),
                chat(
                    3, "public_channel", exported_message(id=10, text="б"), exported_message(id=11, text="в")
                ),
            ],
        },
        "left_chats": {
            "about": "…",
            "list": [chat(4, "public_supergroup", exported_message(id=5, text="г"))],
        },
        "sessions": {"list": []},
    }
    found = items(json.dumps(account).encode(), chunk=7)
    shape = [
        item.telegram_id if isinstance(item, IncomingChat) else getattr(item, "text", None) for item in found
    ]
    assert shape == [1, "а", -2, -1000000000003, "б", "в", -1000000000004, "г"]


@pytest.mark.parametrize(
    ("kind", "bot_api_id", "chat_type"),
    [
        ("personal_chat", 42, "private"),
        ("bot_chat", 42, "private"),
        ("saved_messages", 42, "private"),
        ("private_group", -42, "group"),
        ("private_supergroup", -1000000000042, "supergroup"),
        ("public_supergroup", -1000000000042, "supergroup"),
        ("private_channel", -1000000000042, "channel"),
        ("public_channel", -1000000000042, "channel"),
    ],
)
def test_chat_ids_are_in_bot_api_form(kind: str, bot_api_id: int, chat_type: str) -> None:
    assert items(export(type=kind, id=42)) == [IncomingChat(bot_api_id, chat_type, "Полиця")]


def test_saved_messages_have_a_title_though_the_file_names_none() -> None:
    chat = {"type": "saved_messages", "id": 42, "messages": []}
    assert items(json.dumps(chat).encode()) == [IncomingChat(42, "private", "Saved Messages")]


def test_message_has_its_fields() -> None:
    (message,) = imported(
        exported_message(
            text_entities=[{"type": "plain", "text": "Привіт"}],
            edited_unixtime=str(SENT + 60),
            reply_to_message_id=70,
            forwarded_from="DOU",
            reactions=[{"type": "emoji", "count": 2, "emoji": "❤️"}],
            something_of_2031={"a": [1.5, None]},
        )
    )
    assert (message.kind, message.text, message.has_text) == ("text", "Привіт", True)
    assert message.sent_at == datetime(2026, 10, 5, 6, 6, 37, tzinfo=UTC)
    assert message.edited_at == datetime(2026, 10, 5, 6, 7, 37, tzinfo=UTC)
    assert message.sender is not None
    assert (message.sender.telegram_id, message.sender.display_name) == (418230771, "Олена Кравчук")
    assert (message.sender.is_bot, message.sender.first_name) == (None, None)
    assert (message.reply_to_message_id, message.forward) == (70, Forward("DOU"))


def test_text_entities_are_preferred_to_text() -> None:
    parts = [
        {"type": "bold", "text": "😀 Рішення"},
        {"type": "plain", "text": " див. "},
        {"type": "link", "text": "https://a.b"},
        {"type": "pre", "text": "SELECT 1", "language": "sql"},
        {"type": "text_link", "text": "тут", "href": "https://c.d"},
        {"type": "mention_name", "text": "Олена", "user_id": 5},
        {"type": "bank_card", "text": "4242"},
    ]
    (message,) = imported(exported_message(text="something else", text_entities=parts))
    assert message.text == "😀 Рішення див. https://a.bSELECT 1тутОлена4242"
    assert message.entities == (
        Entity("bold", 0, 10),
        Entity("url", 16, 11),
        Entity("pre", 27, 8, language="sql"),
        Entity("text_link", 35, 3, url="https://c.d"),
        Entity("text_mention", 38, 5, user_id=5),
    )


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("просто", "просто"),
        (["а ", {"type": "bold", "text": "б"}, " в"], "а б в"),
        (["а", 5, None, {"type": "bold"}, {"type": ["x"], "text": "б"}], "аб"),
    ],
)
def test_text_of_exports_without_text_entities(text: object, read: str) -> None:
    (message,) = imported(exported_message(text=text, text_entities=None))
    assert message.text == read


@pytest.mark.parametrize(
    ("fields", "kind"),
    [
        ({"photo": "(File not included. Change data exporting settings to download.)"}, "photo"),
        ({"file": "a.webp", "media_type": "sticker", "sticker_emoji": "🎉"}, "sticker"),
        ({"file": "a.ogg", "media_type": "voice_message"}, "voice"),
        ({"file": "a.mp4", "media_type": "video_file"}, "video"),
        ({"file": "a.mp4", "media_type": "video_message"}, "video_note"),
        ({"file": "a.mp3", "media_type": "audio_file"}, "audio"),
        ({"file": "a.mp4", "media_type": "animation"}, "animation"),
        ({"file": "звіт.xlsx"}, "document"),
        ({"contact_information": {}}, "contact"),
        ({"location_information": None, "place_name": "Офіс"}, "venue"),
        ({"location_information": {"latitude": 50.4}}, "location"),
        ({}, "unsupported"),
    ],
)
def test_media_without_text_is_kept_with_its_kind(fields: dict[str, Any], kind: str) -> None:
    (message,) = imported({**exported_message(), **fields})
    assert (message.kind, message.text, message.has_text) == (kind, f"[{kind}]", False)


def test_caption_and_poll_question_are_text() -> None:
    captioned, poll = imported(
        exported_message(photo="a.jpg", text="Макет"), exported_message(poll={"question": "Коли реліз?"})
    )
    assert (captioned.kind, captioned.text, captioned.has_text) == ("photo", "Макет", True)
    assert (poll.kind, poll.text, poll.has_text) == ("poll", "Коли реліз?", True)


@pytest.mark.parametrize(
    ("fields", "action", "text"),
    [
        ({"action": "invite_members", "members": ["А"]}, "new_chat_members", "[new_chat_members]"),
        ({"action": "join_group_by_link"}, "new_chat_members", "[new_chat_members]"),
        ({"action": "pin_message", "message_id": 3}, "pinned_message", "[pinned_message]"),
        ({"action": "edit_group_title", "title": "Нова"}, "new_chat_title", "[new_chat_title: Нова]"),
        ({"action": "create_channel", "title": "А"}, "supergroup_chat_created", "[supergroup_chat_created]"),
        ({"action": "group_call", "duration": 5}, "video_chat_ended", "[video_chat_ended]"),
        ({"action": "invented_in_2031"}, "invented_in_2031", "[invented_in_2031]"),
        ({"information_text": "…"}, "service", "[service]"),
    ],
)
def test_service_messages_name_their_action(fields: dict[str, Any], action: str, text: str) -> None:
    actor = {"from": None, "from_id": None, "actor": "Олена Кравчук", "actor_id": "user418230771"}
    (message,) = imported(exported_message(type="service", **actor, **fields))
    assert (message.kind, message.service_action, message.text) == ("service", action, text)
    assert message.sender is not None
    assert message.sender.telegram_id == 418230771


def test_topics_are_told_from_replies() -> None:
    opened, in_topic, reply, reply_to_reply, outside = imported(
        exported_message(id=4, type="service", action="topic_created", title="Реліз"),
        exported_message(id=5, reply_to_message_id=4, text="а"),
        exported_message(id=6, reply_to_message_id=5, text="б"),
        exported_message(id=7, reply_to_message_id=6, text="в"),
        exported_message(id=8, reply_to_message_id=2, text="г"),
    )
    assert (opened.reply_to_message_id, opened.thread_id) == (None, 4)
    assert opened.text == "[forum_topic_created: Реліз]"
    assert (in_topic.reply_to_message_id, in_topic.thread_id) == (None, 4)
    assert (reply.reply_to_message_id, reply.thread_id) == (5, 4)
    assert (reply_to_reply.reply_to_message_id, reply_to_reply.thread_id) == (6, 4)
    assert (outside.reply_to_message_id, outside.thread_id) == (2, None)


def test_reply_into_another_chat_is_no_reply() -> None:
    (message,) = imported(exported_message(text="а", reply_to_message_id=5, reply_to_peer_id="channel9"))
    assert message.reply_to_message_id is None


@pytest.mark.parametrize(
    ("from_id", "user_id", "chat_id"),
    [
        ("user6120443985", 6120443985, None),
        ("channel55", None, -1000000000055),
        ("chat55", None, -55),
        (4242, 4242, None),  # exports before 2021 write a bare number,
        ((2 << 32) + 55, None, -1000000000055),  # with the kind in its upper half
        ("user", None, None),
        ("user-5", None, None),
        ("robot5", None, None),
        ("userх", None, None),
        (None, None, None),
        ([5], None, None),
    ],
)
def test_sender_ids(from_id: object, user_id: int | None, chat_id: int | None) -> None:
    (message,) = imported(exported_message(text="а", from_id=from_id))
    assert (message.sender and message.sender.telegram_id) == user_id
    assert (message.sender_chat and message.sender_chat.telegram_id) == chat_id


def test_group_that_posts_as_itself_is_the_chat() -> None:
    (message,) = imported(exported_message(text="а", from_id=f"channel{BARE_CHAT_ID}"))
    assert message.sender is None
    assert message.sender_chat == message.chat


def test_deleted_account_has_an_id_and_no_name() -> None:
    message = {**exported_message(text="а"), "from": None}
    (read,) = imported(message)
    assert read.sender is not None
    assert (read.sender.telegram_id, read.sender.display_name) == (418230771, None)


def test_messages_of_a_migrated_group_keep_their_negative_ids() -> None:
    (message,) = imported(exported_message(id=-999_999_943, reply_to_message_id=-999_999_944, text="а"))
    assert (message.telegram_message_id, message.reply_to_message_id) == (-999_999_943, -999_999_944)


def test_zoneless_date_serves_where_unixtime_is_missing() -> None:
    (message,) = imported(exported_message(text="а", date_unixtime=None, date="2021-03-04T05:06:07"))
    assert message.sent_at == datetime(2021, 3, 4, 5, 6, 7, tzinfo=UTC)


@pytest.mark.parametrize(
    ("bad", "own_id", "word"),
    [
        ({"id": 2}, 2, "date is missing"),
        ({"id": 2, "date_unixtime": "0"}, 2, "date is '0'"),
        ({"id": 2, "date_unixtime": {"a": 1}}, 2, "date is an object"),
        ({"id": 2, "date": "yesterday"}, 2, "date is 'yesterday'"),
        ({"id": "x", "date_unixtime": str(SENT)}, None, "id is 'x'"),
        ({"date_unixtime": str(SENT)}, None, "id is missing"),
        ({"id": 2, "date_unixtime": str(SENT), "text": "a" * 70_000}, 2, "70,000 characters"),
        ("text", None, "no JSON object"),
        (None, None, "no JSON object"),
        (5.5, None, "no JSON object"),
        ([[{}]], None, "no JSON object"),
    ],
)
def test_bad_message_is_reported_with_its_place_and_the_rest_is_read(
    bad: object, own_id: int | None, word: str
) -> None:
    good = exported_message(text="а")
    _, before, fault, after = items(export(good, bad, {**good, "id": 78}))
    assert isinstance(before, IncomingMessage)
    assert isinstance(after, IncomingMessage)
    assert isinstance(fault, UnreadableMessage)
    assert (fault.chat_id, fault.position, fault.telegram_message_id) == (CHAT_ID, 2, own_id)
    assert word in fault.reason


def test_what_telegram_could_not_export_is_skipped() -> None:
    _, skipped, message = items(export({"id": 5, "type": "unsupported"}, exported_message(text="а")))
    assert skipped == SkippedMessage(CHAT_ID, 1, 5)
    assert isinstance(message, IncomingMessage)


def test_unreadable_chat_does_not_cost_the_next_one() -> None:
    def chat(**fields: Any) -> dict[str, Any]:
        return {
            "name": "а",
            "type": "personal_chat",
            "id": 7,
            "messages": [exported_message(text="а")],
            **fields,
        }

    account = {"chats": {"list": [chat(type=None), chat(id="x"), chat(type="planet"), chat()]}}
    *faults, good, message = items(json.dumps(account).encode())
    assert [type(fault) for fault in faults] == [UnreadableChat] * 3
    assert [fault.position for fault in faults if isinstance(fault, UnreadableChat)] == [1, 2, 3]
    assert good == IncomingChat(7, "private", "а")
    assert isinstance(message, IncomingMessage)


@pytest.mark.parametrize("size", [1, 2, 3, 5, 64, 1000])
def test_chunks_may_be_cut_anywhere(size: int) -> None:
    file = export(
        exported_message(text="Привіт 😀\\x41"), exported_message(text=["a", {"type": "bold", "text": "б"}])
    )
    assert items(file, chunk=size) == items(file)


def test_byte_order_mark_and_broken_characters_do_no_harm() -> None:
    file = b"\xef\xbb\xbf" + export(exported_message(text="а?б")).replace(b"?", b"\xff")
    _, message = items(file, chunk=3)
    assert isinstance(message, IncomingMessage)
    assert message.text == "а\ufffdб"


def test_file_opened_for_reading_bytes_is_read_line_by_line() -> None:
    file = export(exported_message(text="а"))
    assert list(read_export(file.splitlines(keepends=True))) == items(file)


def test_reader_gives_messages_before_the_file_has_ended() -> None:
    file = export(exported_message(id=1, text="а"), exported_message(id=2, text="б"))
    reader = ExportReader()
    first = reader.feed(file[: file.index(b'"id": 2,')])
    assert [type(item) for item in first] == [IncomingChat, IncomingMessage]
