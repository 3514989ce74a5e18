"""Dead letters by filter: all that fit are sent again, or deleted."""

from collections.abc import Awaitable, Callable
from typing import Any
from uuid import UUID

from litestar import Request, Response, Router, post
from litestar.params import JSONBody
from nats.js import JetStreamContext
from nats.js.errors import NotFoundError
from opentelemetry.trace import SpanKind

from dramatiq_nats import DeadLetter, delete_dead_letter
from services.gateway.access import SCOPE
from services.gateway.auth import caller
from services.gateway.dead_letters import choose_letters
from services.gateway.idempotency import Answer, answer_once
from services.gateway.message_server import asking_nats, jetstream, queues_namespace
from services.gateway.openapi import DescribedOperation, answers, shown
from services.gateway.problems import FieldProblem, ProblemError
from services.gateway.requeueing import requeue, route_name, say_requeued, spans_of
from services.gateway.routes.dead_letter_bodies import ManyDone, WhichLetters
from services.gateway.routes.operate_examples import MANY
from services.gateway.routes.parameters import IdempotencyKey
from shared.contracts.tasks import DeadLetterFilter
from shared.telemetry import start_run

Change = Callable[[JetStreamContext, DeadLetter], Awaitable[None]]


@post(
    "/requeue",
    status_code=200,
    summary="Requeue many dead letters",
    operation_class=DescribedOperation,
    responses={
        **answers(400, 409, 415),
        **shown(200, ManyDone, MANY, "How many were sent again, and how many are left"),
    },
)
async def requeue_letters(
    request: Request[Any, Any, Any], data: JSONBody[WhichLetters], idempotency_key: IdempotencyKey = None
) -> Response[ManyDone]:
    """Send all tasks that fit a filter to their queues again, oldest first, 200 a request.

    While `is_complete` is false, ask again with `up_to` and `after` as they were answered: then none is sent
    twice that died again meanwhile. Asking twice is safe: a letter that was sent is gone.
    """
    del idempotency_key
    return await _change_all(request, data, requeue, say=True)


@post(
    "/delete",
    status_code=200,
    summary="Delete many dead letters",
    operation_class=DescribedOperation,
    responses={
        **answers(400, 409, 415),
        **shown(200, ManyDone, MANY, "How many were deleted, and how many are left"),
    },
)
async def delete_letters(
    request: Request[Any, Any, Any], data: JSONBody[WhichLetters], idempotency_key: IdempotencyKey = None
) -> Response[ManyDone]:
    """Delete all dead letters that fit a filter, oldest first, 200 a request; their work stays undone.

    While `is_complete` is false, ask again with `up_to` and `after` as they were answered.
    """
    del idempotency_key
    return await _change_all(request, data, _delete, say=False)


async def _change_all(
    request: Request[Any, Any, Any], which: WhichLetters, change: Change, *, say: bool
) -> Response[ManyDone]:
    wanted = which.wanted
    if wanted == DeadLetterFilter() and not which.all:
        message = "Say which are meant, or `all` for every one."
        raise ProblemError(422, message, errors=[FieldProblem(field="all", message=message, source="body")])

    async def act(run_id: UUID) -> Answer:
        with asking_nats():
            js = await jetstream()
            chosen = await choose_letters(js, wanted, after=which.after, up_to=which.up_to)
            links = spans_of(chosen.letters)
            with start_run(route_name(request), run_id, kind=SpanKind.SERVER, links=links):
                done: list[DeadLetter] = []
                try:
                    await _change_each(js, chosen.letters, change, done)
                finally:
                    # Also of those that were sent before the server went away.
                    if say:
                        await say_requeued(done, caller(request).name, wanted)
        return Answer(
            body=ManyDone(
                count=len(done),
                left=chosen.left,
                is_complete=chosen.is_complete,
                up_to=chosen.up_to,
                after=chosen.after,
                run_id=run_id,
            )
        )

    return await answer_once(request, await request.body(), act)


async def _change_each(
    js: JetStreamContext, letters: list[DeadLetter], change: Change, done: list[DeadLetter]
) -> None:
    for letter in letters:
        try:
            await change(js, letter)
        except NotFoundError:
            # Somebody else was quicker.
            continue
        done.append(letter)


async def _delete(js: JetStreamContext, letter: DeadLetter) -> None:
    await delete_dead_letter(js, queues_namespace(), letter.sequence)


dead_letter_bulk_router = Router(
    "/tasks/dead-letters",
    route_handlers=[requeue_letters, delete_letters],
    opt={SCOPE: "admin"},
    tags=["tasks"],
)
