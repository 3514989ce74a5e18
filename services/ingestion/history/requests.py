"""The requests of Telegram's API that a job makes."""

from datetime import datetime
from typing import Any, Final

from telethon import utils
from telethon.tl import functions, types

from services.ingestion.repository.history import ChatToRead

MESSAGES_A_CALL: Final = 100
"""As many as Telegram gives at the most."""


def history_request(chat: ChatToRead, until: datetime | None) -> Any:
    """`messages.getHistory`: what is older than the chat's oldest message so far, or than `until`."""
    return functions.messages.GetHistoryRequest(
        peer=_peer(chat),
        offset_id=chat.oldest_id,
        offset_date=None if chat.oldest_id else until,
        add_offset=0,
        limit=MESSAGES_A_CALL,
        max_id=0,
        min_id=0,
        hash=0,
    )


def full_channel_request(chat: ChatToRead) -> Any:
    """`channels.getFullChannel`, which tells which group a supergroup was before."""
    return functions.channels.GetFullChannelRequest(channel=utils.get_input_channel(_peer(chat)))


def former_group(answer: Any) -> tuple[int, str | None] | None:
    """Telegram id and title of the group that a supergroup was before, if it was one."""
    bare = answer.full_chat.migrated_from_chat_id
    if not bare:
        return None
    return -bare, next((chat.title for chat in answer.chats if isinstance(chat, types.Chat)), None)


def _peer(chat: ChatToRead) -> Any:
    bare, kind = utils.resolve_id(chat.telegram_id)
    if kind is types.PeerUser:
        return types.InputPeerUser(bare, chat.access_hash or 0)
    if kind is types.PeerChat:
        return types.InputPeerChat(bare)
    return types.InputPeerChannel(bare, chat.access_hash or 0)
