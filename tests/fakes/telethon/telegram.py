"""The far side: who is signed in, which chats there are, what is answered."""

import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from services.ingestion.history.client import telethon_client
from telethon import TelegramClient, errors
from telethon.sessions import StringSession
from telethon.tl import functions, types
from tests.fakes.telethon import histories
from tests.fakes.telethon.chats import ME, OLENA, FakeChat
from tests.fakes.telethon.misbehaviour import Flood, GivenUp, Hangs, Lost, Misbehaviour, Refuses, Repeats
from tests.fakes.telethon.passwords import Password
from tests.fakes.telethon.transport import FakeSender

PHONE, CODE, PASSWORD = "+380441234567", "24680", "сонце і дощ"
HOME = 2
"""The data centre where the account lives."""

_SESSION_KEY = bytes(range(1, 256)) + b"\x01"
_ADDRESS = "149.154.167.51"
_NOW = datetime(2026, 4, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Call:
    """A request that came, and when."""

    name: str
    request: Any
    at: float


@dataclass
class Telegram:
    """Telegram, as far as an account that reads history sees it.

    Attributes:
        is_down: Nobody can connect, and who is connected gets no answer.
        silent_on: Names of requests that get no answer.
        code_refusal: What the next requests for a code get.
        has_password: The account has two-step verification.
        connections: Clients that are connected now; `most_connections`: that ever were at once.
    """

    is_down: bool = False
    silent_on: set[str] = field(default_factory=set)
    code_refusal: Exception | None = None
    has_password: bool = False
    connections: int = 0
    most_connections: int = 0
    people: dict[int, types.User] = field(default_factory=lambda: {ME.id: ME, OLENA.id: OLENA})
    chats: dict[int, FakeChat] = field(default_factory=dict)
    calls: list[Call] = field(default_factory=list)
    session_refusal: type[Exception] | None = None
    dialogs_refusal: Exception | None = None
    _script: deque[Misbehaviour] = field(default_factory=deque)
    _signed_in: set[bytes | None] = field(default_factory=lambda: {_SESSION_KEY})
    _half_way: set[bytes | None] = field(default_factory=set)
    _password: Password | None = None
    _before: Any = None

    def client(self, session: StringSession, api_id: int, api_hash: str) -> TelegramClient:
        """The service's own client, with this at the other end of its wire."""
        client = telethon_client(session, api_id, api_hash)
        client._sender = FakeSender(self, client)
        return client

    @property
    def session(self) -> str:
        """A session string that is signed in; the same in every process."""
        from telethon.crypto import AuthKey

        made = StringSession()
        made.set_dc(HOME, _ADDRESS, 443)
        made.auth_key = AuthKey(_SESSION_KEY)
        return str(made.save())

    def then(self, *script: Misbehaviour) -> None:
        """Say what the next calls for history get; those after them are answered."""
        self._script.extend(script)

    def asked(self, name: str) -> list[Call]:
        """The requests of this name that came."""
        return [call for call in self.calls if call.name == name]

    def supergroup(
        self, title: str, messages: int = 0, *, number: int = 2148807731, **fields: Any
    ) -> FakeChat:
        """A supergroup in which so much was said."""
        entity = types.Channel(
            id=number,
            title=title,
            photo=types.ChatPhotoEmpty(),
            date=_NOW,
            access_hash=number + 1,
            megagroup=True,
            **fields,
        )
        return self._add(FakeChat(entity), messages)

    def channel(self, title: str, messages: int = 0, *, number: int = 2148807799) -> FakeChat:
        """A channel."""
        entity = types.Channel(
            id=number,
            title=title,
            photo=types.ChatPhotoEmpty(),
            date=_NOW,
            access_hash=number + 1,
            broadcast=True,
        )
        return self._add(FakeChat(entity), messages)

    def group(self, title: str, messages: int = 0, *, number: int = 420, **fields: Any) -> FakeChat:
        """A basic group."""
        entity = types.Chat(
            id=number,
            title=title,
            photo=types.ChatPhotoEmpty(),
            participants_count=2,
            date=_NOW,
            version=1,
            **fields,
        )
        return self._add(FakeChat(entity), messages)

    def private(self, messages: int = 0) -> FakeChat:
        """A talk with Olena."""
        return self._add(FakeChat(OLENA), messages)

    def _add(self, chat: FakeChat, messages: int) -> FakeChat:
        self.chats[chat.telegram_id] = chat
        for number in range(1, messages + 1):
            chat.say(f"Повідомлення {number}")
        return chat

    def end_sessions(self) -> None:
        """The account's owner ends every session in the settings."""
        self._signed_in.clear()

    def answer(self, sender: FakeSender, request: Any) -> Any:
        """The answer to a request; None when none comes.

        Raises:
            errors.RPCError: When Telegram refuses.
            ConnectionError: When the connection breaks.
        """
        name = type(request).__name__
        self.calls.append(Call(name, request, time.time()))
        if self.is_down:
            raise ConnectionError("Connection to Telegram failed 3 time(s)")
        if name in self.silent_on:
            return None
        if self.session_refusal is not None and sender.auth_key.key in self._signed_in:
            raise self.session_refusal(request)
        return self._handler(request)(sender, request)

    def _handler(self, request: Any) -> Callable[[FakeSender, Any], Any]:
        handlers: dict[type, Callable[[FakeSender, Any], Any]] = {
            functions.help.GetConfigRequest: lambda _sender, _request: histories.config(_NOW, HOME, _ADDRESS),
            functions.users.GetUsersRequest: self._get_users,
            functions.updates.GetStateRequest: self._get_state,
            functions.updates.GetDifferenceRequest: lambda _sender, _request: types.updates.DifferenceEmpty(
                _NOW, 1
            ),
            functions.auth.SendCodeRequest: self._send_code,
            functions.auth.SignInRequest: self._sign_in,
            functions.account.GetPasswordRequest: self._get_password,
            functions.auth.CheckPasswordRequest: self._check_password,
            functions.auth.LogOutRequest: self._log_out,
            functions.messages.GetDialogsRequest: self._get_dialogs,
            functions.channels.GetFullChannelRequest: self._get_full_channel,
            functions.messages.GetHistoryRequest: self._get_history,
        }
        return handlers[type(request)]

    def _need_session(self, sender: FakeSender, request: Any) -> None:
        if sender.auth_key.key in self._half_way:
            raise errors.SessionPasswordNeededError(request)
        if sender.auth_key.key not in self._signed_in:
            raise errors.AuthKeyUnregisteredError(request)

    def _get_users(self, sender: FakeSender, request: Any) -> Any:
        self._need_session(sender, request)
        return _Vector([ME])

    def _get_state(self, sender: FakeSender, request: Any) -> Any:
        self._need_session(sender, request)
        return types.updates.State(1, 0, _NOW, 1, 0)

    def _send_code(self, sender: FakeSender, request: Any) -> Any:
        if sender.data_centre != HOME:
            raise errors.PhoneMigrateError(request, HOME)
        if self.code_refusal is not None:
            raise self.code_refusal
        if request.phone_number != PHONE.removeprefix("+"):
            raise errors.PhoneNumberInvalidError(request)
        return types.auth.SentCode(type=types.auth.SentCodeTypeApp(len(CODE)), phone_code_hash="a1b2c3")

    def _sign_in(self, sender: FakeSender, request: Any) -> Any:
        if request.phone_code_hash != "a1b2c3" or request.phone_number != PHONE.removeprefix("+"):
            raise errors.PhoneCodeExpiredError(request)
        if self.code_refusal is not None:
            raise self.code_refusal
        if request.phone_code != CODE:
            raise errors.PhoneCodeInvalidError(request)
        if self.has_password:
            self._half_way.add(sender.auth_key.key)
            raise errors.SessionPasswordNeededError(request)
        self._signed_in.add(sender.auth_key.key)
        return types.auth.Authorization(user=ME)

    def _get_password(self, sender: FakeSender, request: Any) -> Any:
        del sender, request
        self._password = Password(PASSWORD)
        return self._password.question

    def _check_password(self, sender: FakeSender, request: Any) -> Any:
        if self._password is None or not self._password.is_answered_by(request.password):
            raise errors.PasswordHashInvalidError(request)
        self._half_way.discard(sender.auth_key.key)
        self._signed_in.add(sender.auth_key.key)
        return types.auth.Authorization(user=ME)

    def _log_out(self, sender: FakeSender, request: Any) -> Any:
        self._need_session(sender, request)
        self._signed_in.discard(sender.auth_key.key)
        return types.auth.LoggedOut()

    def _get_dialogs(self, sender: FakeSender, request: Any) -> Any:
        self._need_session(sender, request)
        if self.dialogs_refusal is not None:
            raise self.dialogs_refusal
        return histories.dialogs(request, list(self.chats.values()), self.people)

    def _get_full_channel(self, sender: FakeSender, request: Any) -> Any:
        self._need_session(sender, request)
        return histories.full_channel(request, self.chats)

    def _get_history(self, sender: FakeSender, request: Any) -> Any:
        self._need_session(sender, request)
        step = self._script.popleft() if self._script else None
        match step:
            case Flood(seconds):
                raise errors.FloodWaitError(request, seconds)
            case Refuses(error):
                raise error(request)
            case Lost():
                raise ConnectionError("Connection to Telegram failed 3 time(s)")
            case Hangs():
                return None
            case GivenUp():
                sender.give_up()
                return None
            case Repeats() if self._before is not None:
                return self._before
        self._before = histories.history(request, self.chats, self.people, step)
        return self._before


class _Vector(list[Any]):
    """A vector of Telegram's schema, which Telethon reads where a request is answered with one."""

    def __bytes__(self) -> bytes:
        body = b"".join(bytes(each) for each in self)
        return b"\x15\xc4\xb5\x1c" + len(self).to_bytes(4, "little") + body
