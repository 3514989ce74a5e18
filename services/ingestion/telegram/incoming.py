"""What Telegram told us, in one form whichever road it came by: webhook, history or export file.

The same message gives equal values by every road, wherever the road knows them. What a road does not know is
None, so that a field-wise merge (`COALESCE(new, old)`) never loses what another road brought.
"""

from datetime import datetime

import msgspec

MIGRATED_ID_SHIFT = -1_000_000_000
"""Telegram Desktop adds this to message ids of the basic group that a supergroup grew out of.

Message 57 of the old group stands as -999,999,943 in the supergroup's export. A repository that joins both
chats into one can keep webhook messages of the old group under the same shifted id: they never collide.
"""


class IncomingChat(msgspec.Struct, frozen=True, gc=False):
    """A chat, or a chat that posts as a sender.

    `telegram_id` is in Bot API form: users positive, basic groups `-id`, supergroups and channels `-100…`.
    `type` is `private`, `group`, `supergroup` or `channel`. `title` of a private chat is the person's name.
    `username` (without @) is known to webhook and history only.
    """

    telegram_id: int
    type: str
    title: str | None = None
    username: str | None = None


class IncomingUser(msgspec.Struct, frozen=True, gc=False):
    """A person or a bot. An export knows `telegram_id` and `display_name` only (None: a deleted account)."""

    telegram_id: int
    display_name: str | None = None
    first_name: str | None = None
    last_name: str | None = None
    username: str | None = None
    language_code: str | None = None
    is_bot: bool | None = None


class Entity(msgspec.Struct, frozen=True, gc=False, omit_defaults=True):
    """A marked part of the text, never overlapping another: of nested ones the outer, earlier one is kept.

    `type` is the Bot API's name (`url`, `bold`, `pre`, `text_link`, `mention` …); `offset` and `length` count
    UTF-16 code units of `IncomingMessage.text`, as Telegram and JavaScript do. `url` belongs to `text_link`,
    `language` to `pre`, `user_id` to `text_mention`.
    """

    type: str
    offset: int
    length: int
    url: str | None = None
    language: str | None = None
    user_id: int | None = None


class Forward(msgspec.Struct, frozen=True, gc=False):
    """Where a forwarded message came from. An export knows the name only; `origin_id` is in Bot API form."""

    origin_name: str | None = None
    origin_id: int | None = None
    sent_at: datetime | None = None


class IncomingMessage(msgspec.Struct, frozen=True, gc=False):
    """One message. Its key is `(chat.telegram_id, telegram_message_id)`.

    Attributes:
        chat: where it was written.
        telegram_message_id: positive, unique in its chat. Negative (see `MIGRATED_ID_SHIFT`) in an export of
            a supergroup, for messages of the basic group that it grew out of.
        sent_at: UTC, whole seconds.
        kind: `text`, a media kind in the Bot API's name (`photo`, `video`, `voice`, `audio`, `document`,
            `sticker`, `animation`, `video_note`, `poll`, `location`, `venue`, `contact`, `game` …),
            `service`, or `unsupported` when it holds nothing that this version can name.
        text: text or caption; a poll's question; else a placeholder such as `[photo]` or, for a
            service message, its action: `[pinned_message]`, `[forum_topic_created: Releases]`.
        has_text: False when `text` is a placeholder: not to be scored as text.
        content_hash: BLAKE2b, 16 bytes (base64 in JSON), of `text` in UTF-8. Equal for equal text.
        edited_at: UTC, whole seconds; None when never edited.
        sender: who wrote it; None when a chat did (`sender_chat`) or it is unknown. Telegram's stand-in users
            for anonymous admins and channels are never given here.
        sender_chat: the channel or group that posted it.
        entities: marked parts of `text`, in order.
        reply_to_message_id: the message replied to, in the same chat. The mere membership of a forum topic,
            which Telegram writes as a reply to its first message, is not a reply: see `thread_id`.
        thread_id: forum topic or comment thread: the id of its first message. An export knows topics only.
        media_group_id: an album's id, webhook and history only.
        migrate_to_chat_id: the supergroup that this group became, Bot API form.
        migrate_from_chat_id: the group that this supergroup was, Bot API form.
        service_action: what happened, in the Bot API's field name (`new_chat_members`, `pinned_message` …).
    """

    chat: IncomingChat
    telegram_message_id: int
    sent_at: datetime
    kind: str
    text: str
    has_text: bool
    content_hash: bytes
    edited_at: datetime | None = None
    sender: IncomingUser | None = None
    sender_chat: IncomingChat | None = None
    entities: tuple[Entity, ...] = ()
    reply_to_message_id: int | None = None
    thread_id: int | None = None
    media_group_id: str | None = None
    forward: Forward | None = None
    migrate_to_chat_id: int | None = None
    migrate_from_chat_id: int | None = None
    service_action: str | None = None
