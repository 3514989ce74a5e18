"""What kind of message an exported one is, in the names of the Bot API."""

from typing import Any

from services.ingestion.telegram.content import Content, exported_parts, placeholder, written
from services.ingestion.telegram.fields import name
from services.ingestion.telegram.incoming import IncomingChat

_MEDIA_TYPES = {
    "sticker": "sticker",
    "video_message": "video_note",
    "voice_message": "voice",
    "animation": "animation",
    "video_file": "video",
    "audio_file": "audio",
}
# Looked for in this order: a venue has a location too.
_MEDIA_FIELDS = {
    "photo": "photo",
    "file": "document",
    "poll": "poll",
    "place_name": "venue",
    "address": "venue",
    "location_information": "location",
    "contact_information": "contact",
    "game_title": "game",
    "invoice_information": "invoice",
    "giveaway_information": "giveaway",
    "giveaway_results": "giveaway_winners",
    "paid_stars_amount": "paid_media",
    "todo_list": "checklist",
}
# Telegram Desktop's names for what the Bot API has a name for too.
_ACTIONS = {
    "invite_members": "new_chat_members",
    "join_group_by_link": "new_chat_members",
    "join_group_by_request": "new_chat_members",
    "remove_members": "left_chat_member",
    "edit_group_title": "new_chat_title",
    "edit_group_photo": "new_chat_photo",
    "delete_group_photo": "delete_chat_photo",
    "create_group": "group_chat_created",
    "migrate_to_supergroup": "migrate_to_chat_id",
    "migrate_from_group": "migrate_from_chat_id",
    "pin_message": "pinned_message",
    "set_messages_ttl": "message_auto_delete_timer_changed",
    "topic_created": "forum_topic_created",
    "topic_edit": "forum_topic_edited",
    "send_payment": "successful_payment",
    "requested_peer": "users_shared",
    "send_star_gift": "gift",
    "allow_sending_messages": "write_access_allowed",
    "send_passport_values": "passport_data",
    "proximity_reached": "proximity_alert_triggered",
    "boost_apply": "boost_added",
    "set_chat_wallpaper": "chat_background_set",
    "set_same_chat_wallpaper": "chat_background_set",
    "giveaway_launch": "giveaway_created",
    "giveaway_results": "giveaway_completed",
    "group_call_scheduled": "video_chat_scheduled",
    "invite_to_group_call": "video_chat_participants_invited",
    "send_webview_data": "web_app_data",
}
_TITLE_FIELDS = {"new_chat_title": "title", "forum_topic_created": "title", "forum_topic_edited": "new_title"}


def exported_content(raw: dict[str, Any]) -> tuple[str, Content]:
    """Kind and content of an exported message that is not a service message."""
    media = raw.get("media_type")
    kind = _MEDIA_TYPES.get(media) if isinstance(media, str) else None
    if kind is None and not raw.keys().isdisjoint(_MEDIA_FIELDS):
        kind = next((_MEDIA_FIELDS[field] for field in _MEDIA_FIELDS if field in raw), None)
    content = written(exported_parts(raw))
    if content is None and kind == "poll" and isinstance(poll := raw["poll"], dict):
        content = written(exported_parts({"text": poll.get("question")}))
    if content is None:
        return kind or "unsupported", placeholder(kind or "unsupported")
    return kind or "text", content


def service_action(raw: dict[str, Any], chat: IncomingChat) -> str:
    """What an exported service message says has happened, in the Bot API's name where it has one."""
    action = raw.get("action")
    if action == "create_channel":
        return f"{chat.type}_chat_created"
    if action == "group_call":
        return "video_chat_ended" if "duration" in raw else "video_chat_started"
    return _ACTIONS.get(action, name(action) or "service") if isinstance(action, str) else "service"


def service_content(raw: dict[str, Any], action: str) -> Content:
    """What stands for the text of an exported service message."""
    field = _TITLE_FIELDS.get(action)
    return placeholder(action, name(raw.get(field)) if field else None)
