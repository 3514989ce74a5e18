"""A person's correction of a class."""

from typing import Annotated, Any

import msgspec
from litestar import Request, Response, Router, delete, post, put
from litestar.params import JSONBody
from msgspec import Meta

from services.gateway.auth import caller
from services.gateway.idempotency import Answer, answer_once
from services.gateway.openapi import DescribedOperation, answers, shown
from services.gateway.routes.examples import SCORE
from services.gateway.routes.parameters import IdempotencyKey, MessageId
from shared.contracts.errors import not_found
from shared.contracts.ingestion import GetMessages
from shared.contracts.scoring import GiveFeedback, MessageClass, ScoreRecord
from shared.messaging.queries import ask

_RESPONSES = {**answers(400, 404, 415), **shown(200, ScoreRecord, SCORE, "The score as it holds now")}


class Feedback(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a message's class really is.

    Attributes:
        message_class: `noise`, `weak_signal` or `signal`.
        comment: Why, for whoever improves the scorer.
    """

    message_class: MessageClass
    comment: (
        Annotated[
            str, Meta(max_length=2000, pattern=r"^[^\x00]*$", examples=["A decision, though a short one"])
        ]
        | None
    ) = None


@put(
    "/{message_id:int}/feedback",
    summary="Correct a message's class",
    operation_class=DescribedOperation,
    responses=_RESPONSES,
)
async def correct(
    request: Request[Any, Any, Any], message_id: MessageId, data: JSONBody[Feedback]
) -> ScoreRecord:
    """Say what a message's class really is: it wins over the scorer, also when it scores again."""
    return await _give(request, message_id, data.message_class, data.comment)


@post(
    "/{message_id:int}/feedback",
    status_code=200,
    summary="Correct a message's class (POST)",
    operation_class=DescribedOperation,
    responses={**_RESPONSES, **answers(409, always=())},
)
async def correct_by_post(
    request: Request[Any, Any, Any],
    message_id: MessageId,
    data: JSONBody[Feedback],
    idempotency_key: IdempotencyKey = None,
) -> Response[ScoreRecord]:
    """The same as PUT."""
    del idempotency_key

    async def act(_: object) -> Answer:
        return Answer(body=await _give(request, message_id, data.message_class, data.comment))

    return await answer_once(request, await request.body(), act)


@delete(
    "/{message_id:int}/feedback",
    status_code=200,
    summary="Take a correction back",
    operation_class=DescribedOperation,
    responses=_RESPONSES,
)
async def take_back(request: Request[Any, Any, Any], message_id: MessageId) -> ScoreRecord:
    """Take the correction of a message's class back: the scorer's own class holds again."""
    return await _give(request, message_id, None, None)


async def _give(
    request: Request[Any, Any, Any], message_id: int, message_class: MessageClass | None, comment: str | None
) -> ScoreRecord:
    if not await ask(GetMessages(message_ids=[message_id])):
        raise not_found(f"message {message_id}")
    return await ask(
        GiveFeedback(
            message_id=message_id,
            message_class=message_class,
            given_by=caller(request).name[:200],
            comment=comment,
        )
    )


feedback_router = Router("/messages", route_handlers=[correct, correct_by_post, take_back], tags=["messages"])
