"""`Idempotency-Key`: a POST that is sent twice is done once, and answered twice with the same words.

After the IETF draft https://datatracker.ietf.org/doc/draft-ietf-httpapi-idempotency-key-header/.
"""

import hashlib
from collections.abc import Awaitable, Callable
from typing import Any
from uuid import UUID, uuid4

import msgspec
from litestar import Request, Response
from loguru import logger

from services.gateway import repository
from services.gateway.auth import DATABASE_ERRORS, caller
from services.gateway.problems import FieldProblem, ProblemError
from shared.contracts.errors import unavailable
from shared.messaging.transaction import Transaction, transaction
from shared.telemetry import current_run_id

HEADER = "Idempotency-Key"
LONGEST_KEY = 255
WORK_SECONDS = 120.0
"""How long a first request may work before a second one with its key takes over, under the same run_id."""


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """What a handler answers a POST with.

    Attributes:
        body: What becomes the JSON.
        status: The HTTP status.
        location: The `Location` header, if any.
    """

    body: Any
    status: int = 200
    location: str | None = None


async def answer_once(
    request: Request[Any, Any, Any], content: bytes, act: Callable[[UUID], Awaitable[Answer]]
) -> Response[Any]:
    """Do what a POST asks for, unless a request with the same `Idempotency-Key` did it within 24 hours.

    Args:
        request: The POST.
        content: Its body, or a digest of it: another body under the same key is refused.
        act: Does the work under the run_id that it is given; twice under one run_id must be harmless, or it
            keeps its answer itself, by `keep_within`.

    Raises:
        ProblemError: 409 while another request with this key is at work, 422 when it named another one.
        QueryError: `unavailable` while the database does not answer.
    """
    key = request.headers.get(HEADER)
    if key is None:
        return _response(await act(_own_run_id()))
    if not 0 < len(key) <= LONGEST_KEY:
        message = f"Must have 1 to {LONGEST_KEY} characters."
        raise ProblemError(
            422, f"{HEADER}: {message}", errors=[FieldProblem(field=HEADER, message=message, source="header")]
        )
    try:
        return await _claim_and_act(request, key, content, act)
    except DATABASE_ERRORS as error:
        raise unavailable("The database does not answer; try again with the same Idempotency-Key.") from error


async def _claim_and_act(
    request: Request[Any, Any, Any], key: str, content: bytes, act: Callable[[UUID], Awaitable[Answer]]
) -> Response[Any]:
    api_key_id = caller(request).id
    print_ = _fingerprint(request, content)
    async with transaction() as tx:
        run_id = await repository.claim_request(
            tx.connection, api_key_id, key, fingerprint=print_, run_id=_own_run_id(), seconds=WORK_SECONDS
        )
        kept = None if run_id else await repository.kept_request(tx.connection, api_key_id, key)
    if run_id is None:
        return _repeat(kept, print_)
    try:
        answer = await act(run_id)
    except BaseException:
        await _release(api_key_id, key)
        raise
    body = msgspec.json.encode(answer.body)
    async with transaction() as tx:
        await repository.keep_answer(
            tx.connection, api_key_id, key, status=answer.status, location=answer.location, body=body
        )
    return _response(answer)


def _own_run_id() -> UUID:
    """The chain that the request itself is."""
    return current_run_id() or uuid4()


async def keep_within(request: Request[Any, Any, Any], tx: Transaction, answer: Answer) -> None:
    """Keep the answer in the transaction that does the work, where doing it twice would not be harmless.

    Without an `Idempotency-Key` there is nothing to keep.
    """
    key = request.headers.get(HEADER)
    if key is not None:
        body = msgspec.json.encode(answer.body)
        await repository.keep_answer(
            tx.connection, caller(request).id, key, status=answer.status, location=answer.location, body=body
        )


def _repeat(kept: repository.KeptRequest | None, fingerprint: bytes) -> Response[Any]:
    """The answer to a request whose key was used before."""
    if kept is not None and kept.fingerprint != fingerprint:
        raise ProblemError(
            422,
            f"This {HEADER} was used for another request within the last 24 hours.",
            errors=[FieldProblem(field=HEADER, message="Used for another request.", source="header")],
        )
    if kept is None or kept.status is None:
        raise ProblemError(
            409, f"A request with this {HEADER} is at work; try again shortly.", headers={"Retry-After": "2"}
        )
    headers = {"Idempotent-Replayed": "true"} | ({"Location": kept.location} if kept.location else {})
    return Response(kept.body, status_code=kept.status, media_type="application/json", headers=headers)


async def _release(api_key_id: UUID, key: str) -> None:
    try:
        async with transaction() as tx:
            await repository.release_request(tx.connection, api_key_id, key)
    except DATABASE_ERRORS as error:
        logger.warning("a failed request stays claimed for {} s: {!r}", WORK_SECONDS, error)


def _fingerprint(request: Request[Any, Any, Any], content: bytes) -> bytes:
    """Digest of what makes two requests the same."""
    digest = hashlib.sha256()
    for part in (
        request.method.encode(),
        request.scope["path"].encode(),
        request.scope["query_string"],
        content,
    ):
        digest.update(len(part).to_bytes(8, "big") + part)
    return digest.digest()


def _response(answer: Answer) -> Response[Any]:
    headers = {"Location": answer.location} if answer.location else {}
    return Response(answer.body, status_code=answer.status, headers=headers)
