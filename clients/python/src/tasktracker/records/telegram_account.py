"""Records of telegram account."""

from datetime import datetime

from tasktracker.record import Record


class AccountRecord(Record, frozen=True, kw_only=True):
    """The account by which history is read.

    Attributes:
        state: `none`; `code_sent`: Telegram sent a code, which `sign-in` takes; `password_needed`: it also
            wants the password of two-step verification; `signed_in`; `revoked`: Telegram no longer knows
            the session.
        is_configured: Whether the service has Telegram's `api_id` and `api_hash`.
        phone: All but its last two digits masked.
        code_via: How the code came: `app`, `sms`, `call` ...; a word of Telegram's.
        problem: What is wrong with the account, and what to do.
    """

    state: str
    is_configured: bool
    phone: str | None = None
    telegram_id: int | None = None
    name: str | None = None
    username: str | None = None
    code_via: str | None = None
    code_sent_at: datetime | None = None
    signed_in_at: datetime | None = None
    problem: str | None = None
