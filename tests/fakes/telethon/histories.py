"""Answers about chats: lists of them, and pages of their histories."""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

from telethon import errors, utils
from telethon.tl import types
from tests.fakes.telethon.chats import FakeChat
from tests.fakes.telethon.misbehaviour import Misbehaviour, Short

_MOST = 100


def config(now: datetime, home: int, address: str) -> Any:
    """`config`, which says where the data centres are."""
    centres = [types.DcOption(number, address, 443) for number in (home, 4)]
    numbers = dict.fromkeys(
        (
            *("chat_size_max", "megagroup_size_max", "forwarded_count_max", "online_update_period_ms"),
            *("offline_blur_timeout_ms", "offline_idle_timeout_ms", "online_cloud_timeout_ms"),
            *("notify_cloud_delay_ms", "notify_default_delay_ms", "push_chat_period_ms", "push_chat_limit"),
            *("edit_time_limit", "revoke_time_limit", "revoke_pm_time_limit", "rating_e_decay"),
            *("stickers_recent_limit", "channels_read_media_period", "call_receive_timeout_ms"),
            *("call_ring_timeout_ms", "call_connect_timeout_ms", "call_packet_timeout_ms"),
            *("caption_length_max", "message_length_max", "webfile_dc_id"),
        ),
        1,
    )
    return types.Config(
        date=now,
        expires=now,
        test_mode=False,
        this_dc=home,
        dc_options=centres,
        dc_txt_domain_name="",
        me_url_prefix="https://t.me/",
        **numbers,
    )


def dialogs(request: Any, chats: list[FakeChat], people: Mapping[int, Any]) -> Any:
    """`messages.dialogs`, or a slice of them where there are more than were asked for."""
    latest = sorted(chats, key=lambda chat: (_date(chat), chat.telegram_id), reverse=True)
    begins_anew = isinstance(request.offset_peer, types.InputPeerEmpty)
    ids = [chat.telegram_id for chat in latest]
    start = 0 if begins_anew else 1 + ids.index(utils.get_peer_id(request.offset_peer))
    page = latest[start : start + request.limit]
    parts = {
        "dialogs": [
            types.Dialog(
                peer=chat.peer,
                top_message=max(chat.messages, default=0),
                read_inbox_max_id=0,
                read_outbox_max_id=0,
                unread_count=0,
                unread_mentions_count=0,
                unread_reactions_count=0,
                unread_poll_votes_count=0,
                notify_settings=types.PeerNotifySettings(),
            )
            for chat in page
        ],
        "messages": [chat.messages[max(chat.messages)] for chat in page if chat.messages],
        "chats": _groups(page),
        "users": list(people.values()),
    }
    if len(chats) > request.limit:
        return types.messages.DialogsSlice(count=len(chats), **parts)
    return types.messages.Dialogs(**parts)


def full_channel(request: Any, chats: Mapping[int, FakeChat]) -> Any:
    """`messages.chatFull` of a supergroup or channel."""
    chat = _channel(request, request.channel, chats)
    former = next((each for each in chats.values() if chat.former and each.entity.id == chat.former), None)
    full = types.ChannelFull(
        id=chat.entity.id,
        about="",
        read_inbox_max_id=0,
        read_outbox_max_id=0,
        unread_count=0,
        chat_photo=types.PhotoEmpty(0),
        notify_settings=types.PeerNotifySettings(),
        bot_info=[],
        pts=1,
        migrated_from_chat_id=chat.former,
        migrated_from_max_id=max(former.messages, default=0) if former else None,
    )
    return types.messages.ChatFull(
        full_chat=full, chats=_groups([chat, *([former] if former else [])]), users=[]
    )


def history(
    request: Any, chats: Mapping[int, FakeChat], people: Mapping[int, Any], step: Misbehaviour | None
) -> Any:
    """A page: what is older than the offset, newest first."""
    chat = _chat(request, request.peer, chats)
    older = [
        message
        for number, message in sorted(chat.messages.items(), reverse=True)
        if (not request.offset_id or number < request.offset_id)
        and (not _is_given(request.offset_date) or message.date < request.offset_date)
    ]
    limit = min(request.limit, _MOST, step.messages if isinstance(step, Short) else _MOST)
    parts = {
        "messages": older[:limit],
        "topics": [],
        "chats": _groups([chat, *(each for each in chats.values() if each is not chat)]),
        "users": list(people.values()),
    }
    if isinstance(chat.entity, types.Channel):
        return types.messages.ChannelMessages(pts=1, count=len(chat.messages), **parts)
    if len(older) > limit:
        return types.messages.MessagesSlice(count=len(chat.messages), **parts)
    return types.messages.Messages(**parts)


def _chat(request: Any, peer: Any, chats: Mapping[int, FakeChat]) -> FakeChat:
    if isinstance(peer, types.InputPeerChannel):
        return _channel(request, peer, chats)
    number = -peer.chat_id if isinstance(peer, types.InputPeerChat) else peer.user_id
    chat = chats.get(number)
    if chat is None or chat.has_left:
        raise errors.PeerIdInvalidError(request)
    if isinstance(peer, types.InputPeerUser) and peer.access_hash != chat.entity.access_hash:
        raise errors.PeerIdInvalidError(request)
    return chat


def _channel(request: Any, channel: Any, chats: Mapping[int, FakeChat]) -> FakeChat:
    chat = chats.get(-(10**12) - channel.channel_id)
    if chat is None or chat.entity.access_hash != channel.access_hash:
        raise errors.ChannelInvalidError(request)
    if chat.has_left:
        raise errors.ChannelPrivateError(request)
    return chat


def _groups(chats: Iterable[FakeChat]) -> list[Any]:
    return [chat.entity for chat in chats if not isinstance(chat.entity, types.User)]


def _is_given(date: datetime | None) -> bool:
    """On the wire, no date is the second 0."""
    return date is not None and date.timestamp() > 0


def _date(chat: FakeChat) -> datetime:
    latest = chat.messages.get(max(chat.messages, default=0))
    return datetime.fromtimestamp((chat.entity if latest is None else latest).date.timestamp(), UTC)
