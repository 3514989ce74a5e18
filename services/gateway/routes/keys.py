"""API keys: who has one, and making, changing, rotating and revoking them."""

from datetime import UTC, datetime, timedelta
from typing import Annotated, Any, cast
from uuid import UUID

import msgspec
from litestar import Request, Response, Router, delete, get, patch, post
from litestar.params import FromPath, JSONBody, QueryParameter
from msgspec import UNSET

from services.gateway import key_changes
from services.gateway.access import SCOPE
from services.gateway.auth import DATABASE_ERRORS, KeyRing, caller
from services.gateway.idempotency import Answer, answer_once, keep_within
from services.gateway.keys import KeyRecord
from services.gateway.openapi import DescribedOperation, answers, shown
from services.gateway.problems import FieldProblem, ProblemError
from services.gateway.routes.key_bodies import (
    KEY,
    SHOWN_ONCE,
    KeyChange,
    KeyItems,
    KeyWithText,
    NewKey,
    Rotation,
)
from services.gateway.routes.parameters import Cursor, IdempotencyKey, Limit, in_utc
from services.gateway.stores import keys as key_store
from shared.contracts.errors import not_found, unavailable
from shared.database.cursors import read_cursor, write_cursor
from shared.messaging.transaction import Transaction, transaction

WithRevoked = Annotated[bool, QueryParameter(description="Whether to list revoked keys, too.")]


@get(
    "/",
    summary="List keys",
    operation_class=DescribedOperation,
    responses={**answers(), **shown(200, KeyItems, KeyItems(items=[KEY]), "Keys, newest first")},
)
async def list_keys(*, revoked: WithRevoked = False, cursor: Cursor = None, limit: Limit = 50) -> KeyItems:
    """Keys, newest first. Their texts are nowhere: of each only a hash is kept."""
    after = read_cursor(cursor, key_store.KeyPlace)
    try:
        async with transaction() as tx:
            found = await key_store.list_records(
                tx.connection, after=after, limit=limit, with_revoked=revoked
            )
    except DATABASE_ERRORS as error:
        raise unavailable("The database does not answer; try again.") from error
    page = found[:limit]
    more = len(found) > limit
    last = page[-1] if page else None
    place = key_store.KeyPlace(at=last.created_at, id=last.id) if last and more else None
    return KeyItems(items=page, next_cursor=write_cursor(place) if place else None)


@post(
    "/",
    status_code=201,
    summary="Make a key",
    operation_class=DescribedOperation,
    responses={**answers(400, 409, 415), **shown(201, KeyWithText, SHOWN_ONCE, "The key, and its text")},
)
async def make_key(
    request: Request[Any, Any, Any], data: JSONBody[NewKey], idempotency_key: IdempotencyKey = None
) -> Response[KeyWithText]:
    """Make a key. Its text is shown this once.

    An answer that is repeated for an `Idempotency-Key` has no text: it is not kept for that either.
    """
    del idempotency_key
    expires_at = in_utc(data.expires_at)
    _check_future(expires_at)
    texts: list[str] = []

    async def act(run_id: UUID) -> Answer:
        values = {
            "name": data.name,
            "scopes": sorted(set(data.scopes)),
            "expires_at": expires_at,
            "created_by": caller(request).name,
        }
        key, text = await key_changes.make_key(_ring(request), run_id, values, keep)
        texts.append(text)
        return answer_of(key)

    def answer_of(key: KeyRecord) -> Answer:
        return Answer(body=KeyWithText(key=key, text=None), status=201, location=f"/api/v1/keys/{key.id}")

    async def keep(tx: Transaction, key: KeyRecord) -> None:
        await keep_within(request, tx, answer_of(key))

    return _with_text(await answer_once(request, await request.body(), act), texts)


@get(
    "/me",
    opt={SCOPE: "known"},
    summary="Get the key that asks",
    operation_class=DescribedOperation,
    responses={**answers(), **shown(200, KeyRecord, KEY, "The key")},
)
async def get_own_key(request: Request[Any, Any, Any]) -> KeyRecord:
    """The key with which, or with whose session, this is asked, whatever its scopes."""
    return await _get(caller(request).id)


@get(
    "/{key_id:uuid}",
    summary="Get a key",
    operation_class=DescribedOperation,
    responses={**answers(404), **shown(200, KeyRecord, KEY, "The key")},
)
async def get_key(key_id: FromPath[UUID]) -> KeyRecord:
    """One key, revoked or not."""
    return await _get(key_id)


@patch(
    "/{key_id:uuid}",
    summary="Change a key",
    operation_class=DescribedOperation,
    responses={**answers(400, 404, 409, 415), **shown(200, KeyRecord, KEY, "The key as it is now")},
)
async def change_key(
    request: Request[Any, Any, Any], key_id: FromPath[UUID], data: JSONBody[KeyChange]
) -> KeyRecord:
    """Change its name, scopes or end; at once, on every replica.

    409 for the last key with `admin` that never expires: it has to stay one.
    """
    values: dict[str, Any] = {
        name: value for name, value in msgspec.structs.asdict(data).items() if value is not UNSET
    }
    if "expires_at" in values:
        values["expires_at"] = in_utc(values["expires_at"])
        _check_future(values["expires_at"])
    if "scopes" in values:
        values["scopes"] = sorted(set(values["scopes"]))
    return await key_changes.change_key(_ring(request), key_id, values)


@post(
    "/{key_id:uuid}/rotate",
    status_code=200,
    summary="Rotate a key",
    operation_class=DescribedOperation,
    responses={
        **answers(400, 404, 409, 415),
        **shown(200, KeyWithText, SHOWN_ONCE, "The key, and its new text"),
    },
)
async def rotate_key(
    request: Request[Any, Any, Any],
    key_id: FromPath[UUID],
    data: JSONBody[Rotation],
    idempotency_key: IdempotencyKey = None,
) -> Response[KeyWithText]:
    """Give a key a new text, shown this once. The present one stays good for `grace_hours`, then dies.

    Sessions that signed in with a text end with it. A text from before an earlier rotation dies at once.
    """
    del idempotency_key
    texts: list[str] = []

    async def act(_: UUID) -> Answer:
        grace = timedelta(hours=data.grace_hours)
        key, text = await key_changes.rotate_key(_ring(request), key_id, grace, keep)
        texts.append(text)
        return Answer(body=KeyWithText(key=key, text=None))

    async def keep(tx: Transaction, key: KeyRecord) -> None:
        await keep_within(request, tx, Answer(body=KeyWithText(key=key, text=None)))

    return _with_text(await answer_once(request, await request.body(), act), texts)


@delete(
    "/{key_id:uuid}",
    status_code=204,
    summary="Revoke a key",
    operation_class=DescribedOperation,
    responses=answers(404, 409),
)
async def revoke_key(request: Request[Any, Any, Any], key_id: FromPath[UUID]) -> None:
    """Revoke a key for good, with its sessions. It is kept for the audit log, and its name is free again.

    409 for the last key with `admin` that never expires. One that was revoked before is no error.
    """
    await key_changes.revoke_key(_ring(request), key_id)


async def _get(key_id: UUID) -> KeyRecord:
    try:
        async with transaction() as tx:
            found = await key_store.get_record(tx.connection, key_id)
    except DATABASE_ERRORS as error:
        raise unavailable("The database does not answer; try again.") from error
    if found is None:
        raise not_found(f"API key {key_id}")
    return found


def _with_text(answer: Response[Any], texts: list[str]) -> Response[KeyWithText]:
    """The answer with the text of the key, when it is the first one; what is kept of it has none."""
    if texts and isinstance(answer.content, KeyWithText):
        answer.content = KeyWithText(key=answer.content.key, text=texts[-1])
    return answer


def _check_future(expires_at: datetime | None) -> None:
    if expires_at is not None and expires_at <= datetime.now(UTC):
        message = "Must be in the future; revoke a key that shall end now."
        raise ProblemError(
            422, message, errors=[FieldProblem(field="expires_at", message=message, source="body")]
        )


def _ring(request: Request[Any, Any, Any]) -> KeyRing:
    return cast("KeyRing", request.app.state.key_ring)


keys_router = Router(
    "/keys",
    route_handlers=[list_keys, make_key, get_own_key, get_key, change_key, rotate_key, revoke_key],
    opt={SCOPE: "admin"},
    tags=["keys"],
)
