"""What a person who connected a bot should know about what it sees."""

from services.ingestion.repository.bots import BotRow
from shared.contracts.telegram import Road

_NO_ROAD = (
    "Updates do not come here yet: PUT /api/v1/telegram/webhook where Telegram can reach this installation "
    "by https, else PUT /api/v1/telegram/polling."
)
_PRIVACY = (
    "Privacy mode is on: in groups the bot sees commands, replies to it and little else. Switch it off in "
    "BotFather (/setprivacy, Disable), then take the bot out of each group and add it again; or make it an "
    "administrator there. Set the token once more to have this looked at anew."
)
_NO_GROUPS = "The bot may not be added to groups: allow it in BotFather (/setjoingroups, Enable)."
_HISTORY = (
    "Bots see no history and no deletions: what was written before the bot came is imported from an export "
    "file, or read by a person's account."
)


def road_of(bot: BotRow) -> Road:
    """How the bot's updates come."""
    if bot.polling:
        return "polling"
    return "none" if bot.webhook_url is None else "webhook"


def hints_of(bot: BotRow) -> list[str]:
    """What stands in the way of seeing messages, the greatest hindrance first."""
    said = {
        _NO_ROAD: road_of(bot) == "none",
        _NO_GROUPS: not bot.can_join_groups,
        _PRIVACY: not bot.can_read_all_group_messages,
        _HISTORY: True,
    }
    return [hint for hint, applies in said.items() if applies]
