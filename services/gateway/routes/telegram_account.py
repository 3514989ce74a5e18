"""The Telegram account by which history is imported: signing it in and out, and its chats."""

from typing import Annotated, Any, Final
from uuid import UUID

import msgspec
from litestar import Request, Response, Router, delete, get, post, put
from litestar.params import JSONBody, QueryParameter
from msgspec import Meta
from opentelemetry.trace import SpanKind

from services.gateway.access import SCOPE
from services.gateway.idempotency import Answer, answer_once
from services.gateway.openapi import DescribedOperation, answers, shown
from services.gateway.routes.history_examples import ACCOUNT, CHATS, CODE_SENT, NO_ACCOUNT
from services.gateway.routes.knowledge_parameters import person
from services.gateway.routes.parameters import Cursor, IdempotencyKey, Limit
from services.gateway.sealing import seal_secret
from shared.contracts.base import Query
from shared.contracts.history import (
    AccountRecord,
    GetAccount,
    ListTelegramChats,
    SendLoginCode,
    SetSession,
    SignIn,
    SignOut,
    TelegramChatPage,
)
from shared.messaging.queries import ask
from shared.telemetry import start_run

_SECONDS: Final = 60.0
"""For an answer: ingestion connects to Telegram, perhaps to another of its data centres, and asks it."""

Search = Annotated[
    str | None,
    QueryParameter(max_length=200, description="Only chats with this in their title or username."),
]


class Phone(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Whose account signs in.

    Attributes:
        phone: The number in international form. All but its last two digits are masked wherever it is shown.
    """

    phone: Annotated[str, Meta(min_length=5, max_length=40, examples=["+380441234567"])]


class CodeOrPassword(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What Telegram wants to know.

    Attributes:
        code: As Telegram sent it, to the app or by SMS.
        password: Of two-step verification, where the account has it. It is passed on, and kept nowhere.
    """

    code: Annotated[str, Meta(min_length=1, max_length=20, examples=["24680"])] | None = None
    password: Annotated[str, Meta(min_length=1, max_length=1000)] | None = None


class Session(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A session that was made elsewhere.

    Attributes:
        session: A string of Telethon's `StringSession`. It is kept encrypted, and never shown.
    """

    session: Annotated[str, Meta(min_length=1, max_length=2000, examples=["1ApWapzMBu4i…"])]


@get(
    "/account",
    summary="Get the account",
    operation_class=DescribedOperation,
    responses={**answers(), **shown(200, AccountRecord, ACCOUNT, "The account, or that there is none")},
)
async def get_account() -> AccountRecord:
    """The account by which history is imported, and in `problem` what is wrong with it.

    `is_configured` says whether the installation has Telegram's credentials. Telegram is not asked. Needs the
    scope `admin`.
    """
    return await ask(GetAccount())


@post(
    "/account/code",
    status_code=200,
    summary="Have a code sent",
    operation_class=DescribedOperation,
    responses={
        **answers(400, 409, 415),
        **shown(200, AccountRecord, CODE_SENT, "Telegram has sent a code; `code_via` says how"),
    },
)
async def send_code(
    request: Request[Any, Any, Any], data: JSONBody[Phone], idempotency_key: IdempotencyKey = None
) -> Response[AccountRecord]:
    """Begin to sign an account in: Telegram sends it a code, which `sign-in` takes.

    409 while an account is signed in, when another sign-in was begun meanwhile, or without credentials; 503
    with `Retry-After` when Telegram wants one to wait. Needs the scope `admin`.
    """
    del idempotency_key
    sealed = seal_secret(data.phone, field="phone")
    return await _once(request, SendLoginCode(sealed_phone=sealed, changed_by=person(request)))


@post(
    "/account/sign-in",
    status_code=200,
    summary="Sign the account in",
    operation_class=DescribedOperation,
    responses={
        **answers(400, 409, 415),
        **shown(200, AccountRecord, ACCOUNT, "The account, signed in or in need of its password"),
    },
)
async def sign_in(
    request: Request[Any, Any, Any], data: JSONBody[CodeOrPassword], idempotency_key: IdempotencyKey = None
) -> Response[AccountRecord]:
    """Go on with a sign-in: send the code, and the password too where `state` is `password_needed`.

    422 when one of them is wrong or missing, 409 when the code has expired, none was sent or another sign-in
    was begun meanwhile. Needs the scope `admin`.
    """
    del idempotency_key
    query = SignIn(
        sealed_code=None if data.code is None else seal_secret(data.code, field="code"),
        sealed_password=None if data.password is None else seal_secret(data.password, field="password"),
    )
    return await _once(request, query)


@put(
    "/account",
    summary="Sign in with a session",
    operation_class=DescribedOperation,
    responses={**answers(400, 409, 415), **shown(200, AccountRecord, ACCOUNT, "The account, signed in")},
)
async def set_session(request: Request[Any, Any, Any], data: JSONBody[Session]) -> AccountRecord:
    """Sign in with a session string that was made elsewhere, and that nothing else uses.

    Telegram ends a session that comes from two addresses at once. 422 when it is none or was ended, 409 while
    an account is signed in. Needs the scope `admin`.
    """
    sealed = seal_secret(data.session, field="session")
    return await _tell(request, SetSession(sealed_session=sealed, changed_by=person(request)))


@delete(
    "/account",
    status_code=200,
    summary="Sign the account out",
    operation_class=DescribedOperation,
    responses={**answers(), **shown(200, AccountRecord, NO_ACCOUNT, "There is no account any more")},
)
async def sign_out(request: Request[Any, Any, Any]) -> AccountRecord:
    """End the session at Telegram and forget it; jobs that use it fail, and what they have stored stays.

    That there is none is no error. When Telegram cannot be told, `problem` says what to do by hand. Needs the
    scope `admin`.
    """
    return await _tell(request, SignOut())


@get(
    "/chats",
    summary="List the account's chats",
    operation_class=DescribedOperation,
    responses={
        **answers(409),
        **shown(200, TelegramChatPage, CHATS, "Chats, those with the latest messages first"),
    },
)
async def list_chats(search: Search = None, cursor: Cursor = None, limit: Limit = 50) -> TelegramChatPage:
    """The chats that the account is in, and how many of their messages are here: what a job can be made of.

    For the first page Telegram is asked when the list is more than a minute old; while a job uses the
    account, it is as of `listed_at`. 409 without account, 503 with `Retry-After` when Telegram wants one to
    wait. Needs the scope `admin`.
    """
    return await ask(ListTelegramChats(search=search, cursor=cursor, limit=limit), timeout=_SECONDS)


async def _once(request: Request[Any, Any, Any], query: Query[AccountRecord]) -> Response[AccountRecord]:
    """Have a sign-in go on, once for an `Idempotency-Key`; no digest of the secret body is kept."""

    async def act(run_id: UUID) -> Answer:
        with start_run(_name(request), run_id, kind=SpanKind.SERVER):
            return Answer(body=await ask(query, timeout=_SECONDS))

    return await answer_once(request, b"", act)


async def _tell(request: Request[Any, Any, Any], query: Query[AccountRecord]) -> AccountRecord:
    with start_run(_name(request), kind=SpanKind.SERVER):
        return await ask(query, timeout=_SECONDS)


def _name(request: Request[Any, Any, Any]) -> str:
    return f"{request.method} {request.scope['path_template']}"


telegram_account_router = Router(
    "/telegram",
    route_handlers=[get_account, send_code, sign_in, set_session, sign_out, list_chats],
    opt={SCOPE: "admin"},
    tags=["telegram"],
)
