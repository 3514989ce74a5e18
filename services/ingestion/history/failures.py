"""What Telegram may answer instead of what was asked for, and what it means.

The names are of https://core.telegram.org/api/errors, as Telethon's classes.
"""

from telethon import errors

from shared.contracts.errors import QueryError, unavailable

AWAY = (
    OSError,
    TimeoutError,
    EOFError,
    errors.ServerError,
    errors.TimedOutError,
    errors.RpcCallFailError,
    errors.RpcMcgetFailError,
    errors.InterdcCallErrorError,
    errors.InterdcCallRichErrorError,
    errors.InvalidBufferError,
    errors.SecurityError,
    errors.BadMessageError,
)
"""Telegram cannot be reached, or has troubles of its own: only waiting helps."""

FLOOD = (errors.FloodWaitError, errors.FloodPremiumWaitError, errors.FloodTestPhoneWaitError)
"""Telegram wants one to wait; `seconds` says how long."""

NO_HISTORY = (errors.RPCError, errors.TypeNotFoundError)
"""A chat cannot be read; the others may be."""

_NO_ENTRY = (
    errors.ChannelPrivateError,
    errors.ChannelInvalidError,
    errors.ChatIdInvalidError,
    errors.ChatForbiddenError,
    errors.PeerIdInvalidError,
    errors.ChatAdminRequiredError,
)
_GONE = (errors.UnauthorizedError, errors.AuthKeyDuplicatedError, errors.AuthKeyNotFound)
_REVOKED = "Telegram no longer knows the account's session"
SIGN_IN_AGAIN = "Sign in again: POST /api/v1/telegram/account/code."

# Of what a person gave: the field at fault, and what to do.
_AT_FAULT: dict[type[Exception], tuple[str, str]] = {
    errors.PhoneNumberInvalidError: (
        "phone",
        "This is no phone number in international form, as +380441234567.",
    ),
    errors.PhoneNumberUnoccupiedError: ("phone", "Telegram knows no account with this phone number."),
    errors.PhoneNumberBannedError: ("phone", "Telegram has banned the account with this phone number."),
    errors.PhoneCodeInvalidError: ("code", "The code is wrong. Send the one that Telegram sent last."),
    errors.PhoneCodeEmptyError: ("code", "The code is empty. Send the one that Telegram sent last."),
    errors.PasswordHashInvalidError: ("password", "The password of two-step verification is wrong."),
}
_REFUSED: dict[type[Exception], str] = {
    errors.ApiIdInvalidError: (
        "Telegram does not know TT_TELEGRAM_API_ID with TT_TELEGRAM_API_HASH. Compare them with "
        "https://my.telegram.org, and start ingestion again."
    ),
    errors.ApiIdPublishedFloodError: (
        "The api_id was published somewhere, and Telegram refuses it. Make your own at "
        "https://my.telegram.org."
    ),
    errors.PhoneNumberFloodError: "Telegram has sent this number too many codes. Try again in some hours.",
    errors.PhonePasswordFloodError: "There were too many sign-ins to this account. Try again in some hours.",
    errors.SendCodeUnavailableError: (
        "Telegram has sent this number codes in every way it has. Use the last one, or try again in some "
        "hours."
    ),
    errors.PhonePasswordProtectedError: "The account's password must be reset in Telegram first.",
}


def is_session_gone(error: Exception) -> bool:
    """Whether the account has to sign in anew: the session was ended, or used from two addresses at once."""
    if isinstance(error, errors.SessionPasswordNeededError):
        return False
    return isinstance(error, _GONE)


def why_session_is_gone(error: Exception) -> str:
    """Why, in a sentence, and what to do."""
    if isinstance(error, errors.AuthKeyDuplicatedError):
        why = "the session was used from two addresses at once, so Telegram ended it"
    elif isinstance(error, errors.UserDeactivatedError | errors.UserDeactivatedBanError):
        why = "the account was deleted or banned"
    else:
        why = "it was ended in Telegram's settings, or expired"
    return f"{_REVOKED}: {why}. {SIGN_IN_AGAIN}"


def why_no_entry(error: Exception) -> str:
    """Why a chat cannot be read, in a sentence."""
    if isinstance(error, errors.TypeNotFoundError):
        return "Telegram answered in a form that this version does not know. Import an export of the chat."
    if isinstance(error, _NO_ENTRY):
        return f"The account is not, or no longer, in this chat or may not read it ({error.message})."
    return f"Telegram refused to show this chat ({getattr(error, 'message', None) or error})."


def as_refusal(error: Exception) -> QueryError:
    """What a person is answered who asked for something that Telegram did not do."""
    if isinstance(error, FLOOD):
        return unavailable_for(error.seconds)
    if isinstance(error, AWAY):
        return unavailable("Telegram cannot be reached now. Try again in a minute.")
    if is_session_gone(error):
        return QueryError("conflict", why_session_is_gone(error))
    for kind, (field, message) in _AT_FAULT.items():
        if isinstance(error, kind):
            return QueryError("invalid", message, field=field)
    for kind, message in _REFUSED.items():
        if isinstance(error, kind):
            return QueryError("conflict", message)
    return QueryError("conflict", f"Telegram refused: {getattr(error, 'message', None) or error}.")


def unavailable_for(seconds: int) -> QueryError:
    """Telegram wants so many seconds of rest."""
    message = f"Telegram asks this account to wait for {seconds} s. Try again then."
    return QueryError("unavailable", message, retry_after=max(1, seconds))
