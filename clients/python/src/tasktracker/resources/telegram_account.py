"""TelegramAccount of the API, by `client.telegram.account`."""

from tasktracker.records.telegram_account import AccountRecord
from tasktracker.resource import Resource, given


class TelegramAccount(Resource):
    """The bot, and how what people write comes here."""

    def get(self) -> AccountRecord:
        """Get the account.

        The account by which history is imported, and in `problem` what is wrong with it.

        `is_configured` says whether the installation has Telegram's credentials. Telegram is not asked.
        Needs the scope `admin`.
        """
        return self._ask("GET", "/api/v1/telegram/account", AccountRecord)

    def set(self, session: str) -> AccountRecord:
        """Sign in with a session.

        Sign in with a session string that was made elsewhere, and that nothing else uses.

        Telegram ends a session that comes from two addresses at once. 422 when it is none or was ended, 409
        while an account is signed in. Needs the scope `admin`.

        Args:
            session: A string of Telethon's `StringSession`. It is kept encrypted, and never shown.
        """
        return self._ask("PUT", "/api/v1/telegram/account", AccountRecord, body=given({"session": session}))

    def delete(self) -> AccountRecord:
        """Sign the account out.

        End the session at Telegram and forget it; jobs that use it fail, and what they have stored stays.

        That there is none is no error. When Telegram cannot be told, `problem` says what to do by hand.
        Needs the scope `admin`.
        """
        return self._ask("DELETE", "/api/v1/telegram/account", AccountRecord)

    def code(self, phone: str, *, idempotency_key: str | None = None) -> AccountRecord:
        """Have a code sent.

        Begin to sign an account in: Telegram sends it a code, which `sign-in` takes.

        409 while an account is signed in, when another sign-in was begun meanwhile, or without credentials;
        503 with `Retry-After` when Telegram wants one to wait. Needs the scope `admin`.

        Args:
            phone: The number in international form. All but its last two digits are masked wherever it is
                shown.
            idempotency_key: A key of your own making, so that the server does it once even if you ask again
                within a day.
        """
        return self._ask(
            "POST",
            "/api/v1/telegram/account/code",
            AccountRecord,
            body=given({"phone": phone}),
            headers={"Idempotency-Key": idempotency_key},
            once=True,
        )

    def sign_in(
        self, *, code: str | None = None, password: str | None = None, idempotency_key: str | None = None
    ) -> AccountRecord:
        """Sign the account in.

        Go on with a sign-in: send the code, and the password too where `state` is `password_needed`.

        422 when one of them is wrong or missing, 409 when the code has expired, none was sent or another
        sign-in was begun meanwhile. Needs the scope `admin`.

        Args:
            code: As Telegram sent it, to the app or by SMS.
            password: Of two-step verification, where the account has it. It is passed on, and kept nowhere.
            idempotency_key: A key of your own making, so that the server does it once even if you ask again
                within a day.
        """
        return self._ask(
            "POST",
            "/api/v1/telegram/account/sign-in",
            AccountRecord,
            body=given({"code": code, "password": password}),
            headers={"Idempotency-Key": idempotency_key},
            once=True,
        )
