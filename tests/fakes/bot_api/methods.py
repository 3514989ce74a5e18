"""The methods of the Bot API that are used, by the rules of https://core.telegram.org/bots/api."""

import hashlib
from typing import TYPE_CHECKING, Any

from tests.fakes.bot_api.delivery import Webhook
from tests.fakes.bot_api.failures import bad_request

if TYPE_CHECKING:
    from tests.fakes.bot_api.server import BotApiServer

_SIZES = (160, 320, 640)


def get_me(telegram: "BotApiServer", _given: dict[str, Any]) -> dict[str, Any]:
    return {"is_bot": True, "supports_inline_queries": False, **telegram.me}


def set_webhook(telegram: "BotApiServer", given: dict[str, Any]) -> bool:
    url = given.get("url", "")
    if not url:
        return delete_webhook(telegram, given)
    if not url.startswith("https://") and not telegram.is_local:
        raise bad_request("bad webhook: An HTTPS URL must be provided for webhook")
    telegram.send_to(
        Webhook(
            url=url,
            secret=given.get("secret_token"),
            max_connections=int(given.get("max_connections", 40)),
            allowed=list(given.get("allowed_updates", [])),
        )
    )
    return True


def delete_webhook(telegram: "BotApiServer", given: dict[str, Any]) -> bool:
    telegram.send_to(None)
    if given.get("drop_pending_updates"):
        telegram.updates.waiting.clear()
    return True


def get_webhook_info(telegram: "BotApiServer", _given: dict[str, Any]) -> dict[str, Any]:
    webhook = telegram.webhook
    waiting = len(telegram.updates.waiting)
    if webhook is None:
        return {"url": "", "has_custom_certificate": False, "pending_update_count": waiting}
    return {
        "url": webhook.url,
        "has_custom_certificate": False,
        "pending_update_count": waiting,
        "ip_address": "203.0.113.7",
        "max_connections": webhook.max_connections,
        "allowed_updates": webhook.allowed,
        **(
            {"last_error_date": webhook.last_error_at, "last_error_message": webhook.last_error}
            if webhook.last_error
            else {}
        ),
    }


def get_updates(telegram: "BotApiServer", given: dict[str, Any]) -> list[dict[str, Any]]:
    if "allowed_updates" in given:
        telegram.updates.allowed = set(given["allowed_updates"])
    seconds = min(float(given.get("timeout", 0)), telegram.longest_poll)
    return telegram.updates.fetch(given.get("offset"), int(given.get("limit", 100)), seconds)


def get_user_profile_photos(telegram: "BotApiServer", given: dict[str, Any]) -> dict[str, Any]:
    user_id = int(given["user_id"])
    if user_id in telegram.unknown_users:
        raise bad_request("user not found")
    picture = telegram.pictures.get(user_id)
    if picture is None:
        return {"total_count": 0, "photos": []}
    unique = hashlib.sha256(picture).hexdigest()[:16]
    sizes = [
        {
            "file_id": f"file-{user_id}-{pixels}",
            "file_unique_id": f"{unique}{pixels}",
            "width": pixels,
            "height": pixels,
            "file_size": len(picture),
        }
        for pixels in _SIZES
    ]
    return {"total_count": 1, "photos": [sizes]}


def get_file(telegram: "BotApiServer", given: dict[str, Any]) -> dict[str, Any]:
    _, user_id, pixels = str(given["file_id"]).split("-")
    picture = telegram.pictures.get(int(user_id))
    if picture is None:
        raise bad_request("wrong file_id or the file is temporarily unavailable")
    path = f"profile_photos/{user_id}_{pixels}.jpg"
    telegram.files[path] = picture
    return {"file_id": given["file_id"], "file_unique_id": "u", "file_size": len(picture), "file_path": path}


METHODS = {
    "getMe": get_me,
    "setWebhook": set_webhook,
    "deleteWebhook": delete_webhook,
    "getWebhookInfo": get_webhook_info,
    "getUpdates": get_updates,
    "getUserProfilePhotos": get_user_profile_photos,
    "getFile": get_file,
}
