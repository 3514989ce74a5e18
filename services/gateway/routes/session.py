"""Signing in to the page, who is signed in, and signing out."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any, cast
from uuid import UUID

import msgspec
from litestar import Request, Response, Router, delete, get, post
from litestar.params import JSONBody
from msgspec import Meta

from services.gateway import signing
from services.gateway.access import SCOPE
from services.gateway.auth import caller, signed_in
from services.gateway.door import door_of
from services.gateway.keys import Scope
from services.gateway.openapi import DescribedOperation, answers, shown
from services.gateway.problems import ProblemError
from services.gateway.sessions import write_cookie


class SignIn(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """With which key to sign in."""

    key: Annotated[str, Meta(min_length=1, max_length=1000, examples=["tt_5f0c9a4e_…"])]


class Who(msgspec.Struct, frozen=True, kw_only=True):
    """Who asks.

    Attributes:
        key_id: The key's id.
        name: The key's name, which stands as the author of what is done.
        scopes: What the key may do; `admin` may do everything.
        csrf_token: For the header `X-CSRF-Token` of what changes something; null for who came by a key.
        expires_at: When the session ends, or the key that asked; null is never.
    """

    key_id: UUID
    name: str
    scopes: list[Scope]
    csrf_token: str | None
    expires_at: datetime | None


@dataclass
class OpenOperation(DescribedOperation):
    """An operation that needs no key, among those that do."""

    def __post_init__(self) -> None:
        """Take the key out."""
        super().__post_init__()
        self.security = [{}]


_WHO = Who(
    key_id=UUID("0b1f6b2c-8d3f-4c55-a3a9-c1d2e3f40516"),
    name="dashboard",
    scopes=["read", "write"],
    csrf_token="9b1c…",  # noqa: S106 - an example
    expires_at=datetime(2026, 3, 19, 9, 41, 7, tzinfo=UTC),
)


@post(
    "/",
    status_code=201,
    opt={SCOPE: "public"},
    summary="Sign in",
    operation_class=OpenOperation,
    responses={**answers(400, 415, 429), **shown(201, Who, _WHO, "The cookie is set")},
)
async def sign_in(request: Request[Any, Any, Any], data: JSONBody[SignIn]) -> Response[Who]:
    """Begin a session: the answer sets a cookie that scripts cannot read and other sites cannot use.

    It ends after some days, earlier when it is not used, and with the key.
    """
    door = door_of(request)
    if "origin" in request.headers and not door.is_own_page(request):
        raise ProblemError(
            403,
            "Only pages of this installation sign in. Behind a proxy, set TT_PUBLIC_URL to its address.",
        )
    session_id, session = await signing.sign_in(request, data.key)
    lasts = session.expires_at - datetime.now(UTC)
    who = Who(
        key_id=session.key.id,
        name=session.key.name,
        scopes=_scopes(session.key.scopes),
        csrf_token=session.csrf_token,
        expires_at=session.expires_at,
    )
    cookie = write_cookie(session_id, lasts, secure=door.secure)
    return Response(who, status_code=201, headers={"Set-Cookie": cookie})


@get(
    "/",
    opt={SCOPE: "known"},
    summary="Who am I?",
    operation_class=DescribedOperation,
    responses={**answers(), **shown(200, Who, _WHO, "Who asks")},
)
async def get_session(request: Request[Any, Any, Any]) -> Who:
    """Whose session or key this is, what it may do, and the CSRF token of the session."""
    key, session = caller(request), signed_in(request)
    return Who(
        key_id=key.id,
        name=key.name,
        scopes=_scopes(key.scopes),
        csrf_token=None if session is None else session.csrf_token,
        expires_at=key.valid_until if session is None else session.expires_at,
    )


@delete(
    "/",
    status_code=204,
    opt={SCOPE: "known"},
    summary="Sign out",
    operation_class=DescribedOperation,
    responses=answers(),
)
async def sign_out(request: Request[Any, Any, Any]) -> Response[None]:
    """End the session and take its cookie away; who came by a key has none to end."""
    await signing.sign_out(request)
    cookie = write_cookie("", timedelta(0), secure=door_of(request).secure)
    return Response(None, status_code=204, headers={"Set-Cookie": cookie})


def _scopes(scopes: frozenset[str]) -> list[Scope]:
    return cast("list[Scope]", sorted(scopes))


session_router = Router("/session", route_handlers=[sign_in, get_session, sign_out], tags=["session"])
