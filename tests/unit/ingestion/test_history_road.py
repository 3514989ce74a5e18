"""The same message by history and by webhook gives the same values, wherever both roads know them."""

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from telethon.tl import types

from services.ingestion.telegram.incoming import IncomingMessage
from tests.unit.ingestion.history_shapes import (
    AT,
    DOU,
    ME_ID,
    OLENA,
    OLENA_ID,
    api_message,
    document,
    read,
    service,
)
from tests.unit.ingestion.shapes import BARE_CHAT_ID, CHAT_ID, SENT, bot_message, saved
from tests.unit.ingestion.shapes import OLENA as BOTS_OLENA
from tests.unit.ingestion.test_both_roads import known

_GROUP = {"id": CHAT_ID, "type": "supergroup", "title": "Полиця"}
_DOU = {"id": -1000000000009, "type": "channel", "title": "DOU"}
_VIDEO = types.DocumentAttributeVideo(duration=1, w=1, h=1)
_ROUND = types.DocumentAttributeVideo(duration=1, w=1, h=1, round_message=True)
_VOICE = types.DocumentAttributeAudio(duration=1, voice=True)
_MUSIC = types.DocumentAttributeAudio(duration=1)
_STICKER = types.DocumentAttributeSticker(alt="🎉", stickerset=types.InputStickerSetEmpty())
_GEO = types.GeoPointEmpty()
_PHOTO = types.MessageMediaPhoto(photo=types.PhotoEmpty(1))
_CALL = types.InputGroupCall(1, 1)


def reply(target: int, **fields: Any) -> types.MessageReplyHeader:
    return types.MessageReplyHeader(reply_to_msg_id=target, **fields)


def forward(**fields: Any) -> types.MessageFwdHeader:
    return types.MessageFwdHeader(date=AT - timedelta(seconds=9), **fields)


def agree(by_webhook: IncomingMessage, by_history: IncomingMessage) -> None:
    """Fail where the roads differ, but for the language, which only a bot is told, and `is_bot` of a chat."""
    expected, found = known(by_webhook), known(by_history)
    if "sender" in expected:
        expected["sender"].pop("language_code", None)
    assert found == expected


@pytest.mark.parametrize(
    ("bot", "message"),
    [
        (bot_message(text="Привіт"), api_message(message="Привіт")),
        (
            bot_message(
                text="так",
                edit_date=SENT + 5,
                reply_to_message={"message_id": 70, "date": SENT},
                message_thread_id=70,
            ),
            api_message(message="так", edit_date=AT + timedelta(seconds=5), reply_to=reply(70)),
        ),
        (
            bot_message(text="реакція"),
            api_message(message="реакція", edit_date=AT + timedelta(seconds=5), edit_hide=True),
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
            api_message(
                message="😀 Рішення: дивись тут",
                entities=[
                    types.MessageEntityBold(3, 8),
                    types.MessageEntityItalic(5, 2),
                    types.MessageEntityTextUrl(19, 3, "https://a.b/"),
                ],
            ),
        ),
        (
            bot_message(
                text="код Олена 4242",
                entities=[
                    {"type": "pre", "offset": 0, "length": 3, "language": "python"},
                    {"type": "text_mention", "offset": 4, "length": 5, "user": BOTS_OLENA},
                ],
            ),
            api_message(
                message="код Олена 4242",
                entities=[
                    types.MessageEntityPre(0, 3, "python"),
                    types.MessageEntityMentionName(4, 5, OLENA_ID),
                    types.MessageEntityBankCard(10, 4),
                ],
            ),
        ),
        (
            bot_message(
                photo=[{}],
                caption="@olena глянь",
                caption_entities=[{"type": "mention", "offset": 0, "length": 6}],
                media_group_id="13579",
            ),
            api_message(
                media=_PHOTO,
                message="@olena глянь",
                entities=[types.MessageEntityMention(0, 6)],
                grouped_id=13579,
            ),
        ),
        (bot_message(photo=[{}]), api_message(media=types.MessageMediaPhoto(ttl_seconds=5))),
        (bot_message(sticker={}), api_message(media=document(_STICKER))),
        (bot_message(sticker={}), api_message(media=document(_STICKER, _VIDEO))),
        (bot_message(voice={}), api_message(media=document(_VOICE))),
        (bot_message(audio={}), api_message(media=document(_MUSIC))),
        (bot_message(video={}), api_message(media=document(_VIDEO))),
        (bot_message(video_note={}), api_message(media=document(_ROUND))),
        (bot_message(voice={}), api_message(media=types.MessageMediaDocument(voice=True))),
        (
            bot_message(animation={}, document={}),
            api_message(media=document(_VIDEO, types.DocumentAttributeAnimated())),
        ),
        (bot_message(document={}), api_message(media=document(types.DocumentAttributeFilename("a.pdf")))),
        (bot_message(location={}), api_message(media=types.MessageMediaGeo(_GEO))),
        (
            bot_message(venue={}, location={}),
            api_message(media=types.MessageMediaVenue(_GEO, "Офіс", "Київ", "", "", "")),
        ),
        (bot_message(contact={}), api_message(media=types.MessageMediaContact("1", "Ян", "", "", 0))),
        (bot_message(dice={}), api_message(media=types.MessageMediaDice(3, "🎲"))),
        (
            bot_message(poll={"question": "Коли?"}),
            api_message(
                media=types.MessageMediaPoll(
                    types.Poll(1, types.TextWithEntities("Коли?", []), [], 0), types.PollResults()
                )
            ),
        ),
        (
            bot_message(text="див. https://a.b"),
            api_message(message="див. https://a.b", media=types.MessageMediaWebPage(types.WebPageEmpty(1))),
        ),
        (bot_message(), api_message(media=types.MessageMediaUnsupported())),
        (
            bot_message(
                text="див.",
                forward_origin={"type": "channel", "date": SENT - 9, "chat": _DOU},
            ),
            api_message(message="див.", fwd_from=forward(from_id=types.PeerChannel(DOU.id), channel_post=3)),
        ),
        (
            bot_message(
                text="див.",
                forward_origin={"type": "hidden_user", "date": SENT - 9, "sender_user_name": "Ян"},
            ),
            api_message(message="див.", fwd_from=forward(from_name="Ян")),
        ),
        (
            bot_message(
                text="див.", forward_origin={"type": "user", "date": SENT - 9, "sender_user": BOTS_OLENA}
            ),
            api_message(message="див.", fwd_from=forward(from_id=types.PeerUser(OLENA_ID))),
        ),
        (
            bot_message(text="з іншого месенджера"),
            api_message(message="з іншого месенджера", fwd_from=forward(from_name="Ян", imported=True)),
        ),
        (
            bot_message(text="від групи", sender_chat=_GROUP, **{"from": {"id": 1087968824, "is_bot": True}}),
            api_message(message="від групи", from_id=types.PeerChannel(BARE_CHAT_ID)),
        ),
        (
            bot_message(text="від каналу", sender_chat=_DOU, **{"from": {"id": 136817688, "is_bot": True}}),
            api_message(message="від каналу", from_id=types.PeerChannel(DOU.id)),
        ),
        (
            bot_message(new_chat_members=[BOTS_OLENA]),
            service(types.MessageActionChatJoinedByLink(inviter_id=1)),
        ),
        (bot_message(left_chat_member=BOTS_OLENA), service(types.MessageActionChatDeleteUser(OLENA_ID))),
        (
            bot_message(pinned_message={"message_id": 5, "date": SENT}),
            service(types.MessageActionPinMessage(), reply_to=reply(5)),
        ),
        (
            bot_message(new_chat_title="Полиця 2"),
            service(types.MessageActionChatEditTitle("Полиця 2")),
        ),
        (
            bot_message(migrate_from_chat_id=-420),
            service(types.MessageActionChannelMigrateFrom("Полиця", 420)),
        ),
        (bot_message(supergroup_chat_created=True), service(types.MessageActionChannelCreate("Полиця"))),
        (bot_message(video_chat_started={}), service(types.MessageActionGroupCall(_CALL))),
        (bot_message(video_chat_ended={}), service(types.MessageActionGroupCall(_CALL, duration=60))),
        (
            bot_message(forum_topic_closed={}, message_thread_id=4),
            service(types.MessageActionTopicEdit(closed=True), reply_to=reply(4, forum_topic=True)),
        ),
    ],
)
def test_golden_pairs_agree(bot: dict[str, Any], message: Any) -> None:
    agree(saved(bot), read(message))


def test_topic_and_reply_in_it_agree() -> None:
    opening = {"message_id": 4, "date": SENT, "forum_topic_created": {"name": "Реліз"}}
    by_webhook = [
        saved(bot_message(message_id=4, message_thread_id=4, forum_topic_created={"name": "Реліз"})),
        saved(bot_message(message_id=5, message_thread_id=4, reply_to_message=opening, text="а")),
        saved(bot_message(message_id=6, message_thread_id=4, reply_to_message={"message_id": 5}, text="б")),
        saved(bot_message(message_id=7, message_thread_id=4, pinned_message={"message_id": 5})),
    ]
    by_history = [
        read(service(types.MessageActionTopicCreate("Реліз", icon_color=1), id=4)),
        read(api_message(id=5, message="а", reply_to=reply(4, forum_topic=True))),
        read(api_message(id=6, message="б", reply_to=reply(5, reply_to_top_id=4, forum_topic=True))),
        read(
            service(
                types.MessageActionPinMessage(),
                id=7,
                reply_to=reply(5, reply_to_top_id=4, forum_topic=True),
            )
        ),
    ]
    for one, other in zip(by_webhook, by_history, strict=True):
        agree(one, other)


def test_reply_to_another_chat_or_to_a_story_is_none() -> None:
    elsewhere = reply(9, reply_to_peer_id=types.PeerChannel(DOU.id))
    story = types.MessageReplyStoryHeader(peer=types.PeerUser(OLENA_ID), story_id=3)
    for header in (elsewhere, story):
        message = read(api_message(message="а", reply_to=header))
        assert (message.reply_to_message_id, message.thread_id) == (None, None)


def test_private_chat_agrees_whoever_of_the_two_wrote() -> None:
    chat = {"id": OLENA_ID, "type": "private", "first_name": "Олена", "last_name": "Кравчук"}
    hers = api_message(message="а", peer_id=types.PeerUser(OLENA_ID), from_id=None)
    agree(saved(bot_message(chat=chat, text="а")), read(hers, OLENA_ID, OLENA))
    mine = api_message(message="а", peer_id=types.PeerUser(OLENA_ID), from_id=None, out=True)
    sender = read(mine, OLENA_ID, OLENA).sender
    assert sender is not None
    assert (sender.telegram_id, sender.username) == (ME_ID, "marta")


def test_post_of_a_channel_agrees_though_its_author_signed_it() -> None:
    post = api_message(message="а", peer_id=types.PeerChannel(DOU.id), post=True, post_author="Ян")
    agree(
        saved(bot_message(chat=_DOU, sender_chat=_DOU, text="а", **{"from": None}), "channel_post"),
        read(post, _DOU["id"], DOU),  # type: ignore[arg-type]  # it is a number
    )


def test_group_that_migrates_agrees() -> None:
    group = types.Chat(7, "Команда", types.ChatPhotoEmpty(), 2, AT, 1)
    moved = service(types.MessageActionChatMigrateTo(BARE_CHAT_ID), peer_id=types.PeerChat(7))
    chat = {"id": -7, "type": "group", "title": "Команда"}
    agree(saved(bot_message(chat=chat, migrate_to_chat_id=CHAT_ID)), read(moved, -7, group))


def test_sender_whom_telegram_did_not_send_is_known_by_id_alone() -> None:
    sender = read(api_message(message="а", from_id=types.PeerUser(5))).sender
    assert sender is not None
    assert (sender.telegram_id, sender.display_name, sender.is_bot) == (5, None, None)


_PIECE = st.text(st.characters(codec="utf-8", exclude_characters="\r\u2028\u2029"), min_size=1, max_size=8)
_MARKS = {
    "bold": types.MessageEntityBold,
    "code": types.MessageEntityCode,
    "url": types.MessageEntityUrl,
    "phone_number": types.MessageEntityPhone,
    "spoiler": types.MessageEntitySpoiler,
}
_PARTS = st.lists(st.tuples(st.sampled_from([None, *_MARKS]), _PIECE), min_size=1, max_size=8)


@given(_PARTS, st.integers(0, 10**8))
def test_any_text_agrees(parts: list[tuple[str | None, str]], later: int) -> None:
    text, of_bot, of_api, offset = "", [], [], 0
    for kind, piece in parts:
        length = len(piece.encode("utf-16-le")) // 2
        if kind:
            of_bot.append({"type": kind, "offset": offset, "length": length})
            of_api.append(_MARKS[kind](offset, length))
        text, offset = text + piece, offset + length
    agree(
        saved(bot_message(text=text, entities=of_bot, date=SENT + later)),
        read(api_message(message=text, entities=of_api, date=AT + timedelta(seconds=later))),
    )
