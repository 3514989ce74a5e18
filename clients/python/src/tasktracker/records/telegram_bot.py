"""Records of telegram bot."""

from datetime import datetime

from tasktracker.record import Record


class BotRecord(Record, frozen=True, kw_only=True):
    """The installation's bot.

    Attributes:
        telegram_id: Telegram's id of the bot.
        username: Its name in Telegram, without `@`.
        name: Its title.
        can_join_groups: Whether it may be added to groups; a switch of BotFather.
        can_read_all_group_messages: Whether privacy mode is off, when the bot was last set.
        updates: How what people write comes here; `none` means that nothing does. One of `webhook`,
            `polling`, `none`.
        hints: What stands in the way of seeing messages, and what to do; for a person.
        webhook_url: Where Telegram was told to send updates; None for the other roads.
        last_update_at: When an update came last, to within ten seconds.
        last_error: What goes wrong with polling at present, and what to do.
        last_error_at: When it went wrong last.
        set_by: Whose key set it.
        set_at: When its token was set.
    """

    telegram_id: int
    username: str
    name: str
    can_join_groups: bool
    can_read_all_group_messages: bool
    updates: str
    hints: list[str]
    webhook_url: str | None = None
    last_update_at: datetime | None = None
    last_error: str | None = None
    last_error_at: datetime | None = None
    set_by: str
    set_at: datetime
