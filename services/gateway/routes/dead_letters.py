"""Dead letters: tasks that were given up, looked into, sent again, deleted."""

from typing import Any
from uuid import UUID

import msgspec
from litestar import Request, Response, Router, delete, get, post
from nats.js import JetStreamContext
from nats.js.errors import NotFoundError
from opentelemetry.trace import SpanKind

from dramatiq_nats import DeadLetter, delete_dead_letter, get_dead_letter
from services.gateway.access import SCOPE
from services.gateway.auth import caller
from services.gateway.dead_letters import page_of_letters
from services.gateway.idempotency import Answer, answer_once
from services.gateway.message_server import asking_nats, jetstream, queues_namespace
from services.gateway.openapi import DescribedOperation, answers, shown
from services.gateway.requeueing import requeue, route_name, say_requeued, spans_of
from services.gateway.routes.dead_letter_bodies import (
    LetterDetails,
    LetterItems,
    LetterRecord,
    letter_details,
    letter_record,
)
from services.gateway.routes.dead_letter_parameters import (
    ByActor,
    ByException,
    ByQueue,
    ByReason,
    ByText,
    Number,
    Since,
)
from services.gateway.routes.operate_examples import DETAILS, LETTER
from services.gateway.routes.parameters import Cursor, IdempotencyKey, Limit, in_utc
from shared.contracts.errors import not_found
from shared.contracts.tasks import DeadLetterFilter
from shared.database.cursors import BigInt, read_cursor, write_cursor
from shared.telemetry import start_run


class LetterPlace(msgspec.Struct, frozen=True, array_like=True):
    """Where a page ended."""

    id: BigInt


@get(
    "/",
    summary="List dead letters",
    operation_class=DescribedOperation,
    responses={
        **answers(),
        **shown(200, LetterItems, LetterItems(items=[LETTER]), "Dead letters, newest first"),
    },
)
async def list_letters(  # noqa: PLR0913, PLR0917 - the filters of the list
    request: Request[Any, Any, Any],
    queue: ByQueue = None,
    actor: ByActor = None,
    reason: ByReason = None,
    exception: ByException = None,
    text: ByText = None,
    since: Since = None,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> LetterItems:
    """Tasks that were given up, newest first; they are kept for seven days.

    One request looks at 2,000 letters: with filters a page may be short, or empty, and still have a next one.
    """
    wanted = DeadLetterFilter(
        queue=queue, actor=actor, reason=reason, exception=exception, text=text, since=in_utc(since)
    )
    place = read_cursor(cursor, LetterPlace)
    with asking_nats():
        page = await page_of_letters(
            await jetstream(), wanted, before=None if place is None else place.id, limit=limit
        )
    return LetterItems(
        items=[letter_record(letter, _traces_url(request)) for letter in page.letters],
        next_cursor=None if page.before is None else write_cursor(LetterPlace(page.before)),
    )


@get(
    "/{sequence:int}",
    summary="Get a dead letter",
    operation_class=DescribedOperation,
    responses={
        **answers(404),
        **shown(200, LetterDetails, DETAILS, "The letter with its arguments and traceback"),
    },
)
async def get_letter(request: Request[Any, Any, Any], sequence: Number) -> LetterDetails:
    """One task that was given up: what it was to do, where it failed, and the trace of its chain."""
    with asking_nats():
        return letter_details(await _find(await jetstream(), sequence), _traces_url(request))


@post(
    "/{sequence:int}/requeue",
    status_code=200,
    summary="Requeue a dead letter",
    operation_class=DescribedOperation,
    responses={**answers(404, 409), **shown(200, LetterRecord, LETTER, "What was sent again")},
)
async def requeue_letter(
    request: Request[Any, Any, Any], sequence: Number, idempotency_key: IdempotencyKey = None
) -> Response[LetterRecord]:
    """Send a task to its queue again, with all its tries, in its own chain and trace; the letter is deleted.

    Twice at the same time runs it once. 404 when it is gone, as it is after the first.
    """
    del idempotency_key

    async def act(run_id: UUID) -> Answer:
        with asking_nats():
            js = await jetstream()
            letter = await _find(js, sequence)
            with start_run(route_name(request), run_id, kind=SpanKind.SERVER, links=spans_of([letter])):
                try:
                    await requeue(js, letter)
                except NotFoundError as error:
                    raise _gone(sequence) from error
                await say_requeued([letter], caller(request).name, None)
        return Answer(body=letter_record(letter, _traces_url(request)))

    return await answer_once(request, await request.body(), act)


@delete(
    "/{sequence:int}",
    status_code=204,
    summary="Delete a dead letter",
    operation_class=DescribedOperation,
    responses=answers(),
)
async def delete_letter(request: Request[Any, Any, Any], sequence: Number) -> None:
    """Delete a task that was given up; its work stays undone. One that is gone already is no error."""
    with start_run(route_name(request), kind=SpanKind.SERVER), asking_nats():
        try:
            await delete_dead_letter(await jetstream(), queues_namespace(), sequence)
        except NotFoundError:
            return


async def _find(js: JetStreamContext, number: int) -> DeadLetter:
    try:
        return await get_dead_letter(js, queues_namespace(), number)
    except NotFoundError as error:
        raise _gone(number) from error


def _gone(number: int) -> Exception:
    return not_found(f"dead letter {number}; it may have been requeued, deleted, or be older than seven days")


def _traces_url(request: Request[Any, Any, Any]) -> str | None:
    url: str | None = request.app.state.settings.traces_url
    return url


dead_letters_router = Router(
    "/tasks/dead-letters",
    route_handlers=[
        list_letters,
        get_letter,
        requeue_letter,
        delete_letter,
    ],
    opt={SCOPE: "admin"},
    tags=["tasks"],
)
