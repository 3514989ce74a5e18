"""What kind of message one of Telegram's own API is, in the names of the Bot API.

Objects of Telegram's schema (https://core.telegram.org/schema) are told apart by the names of their
constructors, and read by their fields: whichever library made them.
"""

import re
from typing import Any

_MEDIA = {
    "MessageMediaPhoto": "photo",
    "MessageMediaGeo": "location",
    "MessageMediaGeoLive": "location",
    "MessageMediaVenue": "venue",
    "MessageMediaContact": "contact",
    "MessageMediaGame": "game",
    "MessageMediaInvoice": "invoice",
    "MessageMediaPoll": "poll",
    "MessageMediaDice": "dice",
    "MessageMediaStory": "story",
    "MessageMediaPaidMedia": "paid_media",
    "MessageMediaToDo": "checklist",
    "MessageMediaGiveaway": "giveaway",
    "MessageMediaGiveawayResults": "giveaway_winners",
}

# Those that the Bot API has no name for are called as Telegram Desktop's export calls them.
_ACTIONS = {
    "ChatCreate": "group_chat_created",
    "ChatAddUser": "new_chat_members",
    "ChatJoinedByLink": "new_chat_members",
    "ChatJoinedByRequest": "new_chat_members",
    "ChatDeleteUser": "left_chat_member",
    "ChatEditTitle": "new_chat_title",
    "ChatEditPhoto": "new_chat_photo",
    "ChatDeletePhoto": "delete_chat_photo",
    "ChatMigrateTo": "migrate_to_chat_id",
    "ChannelMigrateFrom": "migrate_from_chat_id",
    "PinMessage": "pinned_message",
    "SetMessagesTTL": "message_auto_delete_timer_changed",
    "TopicCreate": "forum_topic_created",
    "TopicEdit": "forum_topic_edited",
    "PaymentSent": "successful_payment",
    "PaymentSentMe": "successful_payment",
    "PaymentRefunded": "refunded_payment",
    "SecureValuesSent": "passport_data",
    "SecureValuesSentMe": "passport_data",
    "GeoProximityReached": "proximity_alert_triggered",
    "BoostApply": "boost_added",
    "SetChatWallPaper": "chat_background_set",
    "GiveawayLaunch": "giveaway_created",
    "GiveawayResults": "giveaway_completed",
    "GroupCallScheduled": "video_chat_scheduled",
    "InviteToGroupCall": "video_chat_participants_invited",
    "WebViewDataSent": "web_app_data",
    "WebViewDataSentMe": "web_app_data",
    "StarGift": "gift",
    "StarGiftUnique": "unique_gift",
    "TodoCompletions": "checklist_tasks_done",
    "TodoAppendTasks": "checklist_tasks_added",
    "CustomAction": "service",
    "ScreenshotTaken": "take_screenshot",
    "ContactSignUp": "joined_telegram",
    "HistoryClear": "clear_history",
    "GameScore": "score_in_game",
}
_PREFIX = "MessageAction"
_WORD_BEGINS = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")


def constructor(thing: object) -> str:
    """The name of an object's constructor in Telegram's schema, its first letter a capital."""
    return type(thing).__name__


def media_kind(media: object) -> str | None:
    """The Bot API's name of what a message holds beside its text; None for nothing, or nothing it names."""
    if constructor(media) == "MessageMediaDocument":
        return _document_kind(media)
    return _MEDIA.get(constructor(media))


def service_action(action: Any, chat_type: str) -> str:
    """What a service message says has happened."""
    bare = constructor(action).removeprefix(_PREFIX)
    match bare:
        case "ChannelCreate":
            return f"{chat_type}_chat_created"
        case "GroupCall":
            return "video_chat_started" if action.duration is None else "video_chat_ended"
        case "RequestedPeer" | "RequestedPeerSentMe":
            users = all("User" in constructor(peer) for peer in action.peers)
            return "users_shared" if users else "chat_shared"
        case "BotAllowed":
            return "connected_website" if action.domain else "write_access_allowed"
        case "PaidMessagesPrice":
            return "direct_message_price_changed" if chat_type == "channel" else "paid_message_price_changed"
        case _:
            return _ACTIONS.get(bare) or _WORD_BEGINS.sub("_", bare).lower()


def _document_kind(media: Any) -> str:
    """Which of the Bot API's files a document is, in the order in which TDLib decides."""
    attributes = {constructor(each): each for each in getattr(media.document, "attributes", None) or ()}
    video = attributes.get("DocumentAttributeVideo")
    audio = attributes.get("DocumentAttributeAudio")
    if not attributes.keys().isdisjoint({"DocumentAttributeSticker", "DocumentAttributeCustomEmoji"}):
        return "sticker"
    # What destroyed itself has no document any more; the medium still says what it was.
    if media.round or getattr(video, "round_message", None):
        return "video_note"
    if "DocumentAttributeAnimated" in attributes:
        return "animation"
    if media.voice or getattr(audio, "voice", None):
        return "voice"
    if audio is not None:
        return "audio"
    return "video" if video is not None or (media.document is None and media.video) else "document"
