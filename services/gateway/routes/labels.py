"""Labels: which topic messages are of, as people say; what experiments are measured by."""

from typing import Annotated, Any

import msgspec
from litestar import Request, Router, get, put
from litestar.params import JSONBody, QueryParameter
from msgspec import Meta

from services.gateway.openapi import DescribedOperation, answers, shown
from services.gateway.routes.experiment_examples import CONFIRMED, LABEL
from services.gateway.routes.knowledge_parameters import change, person
from services.gateway.routes.parameters import Cursor, Limit
from shared.contracts.knowledge import Id, MessageIds
from shared.contracts.topics import LabelMessages, LabelRecord, ListLabels
from shared.database.cursors import read_cursor, write_cursor
from shared.messaging.queries import ask

_BIGINT = 2**63 - 1


class Labelling(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which messages are of which topic.

    Attributes:
        message_ids: At most 200.
        topic_id: Null takes their labels back.
    """

    message_ids: Annotated[MessageIds, Meta(examples=[[128, 129]])]
    topic_id: Id | None


class LabelItems(msgspec.Struct, frozen=True, kw_only=True):
    """A page of labels in the order of their messages' ids; `next_cursor` is null on the last page."""

    items: list[LabelRecord]
    next_cursor: str | None = None


class _AfterMessage(msgspec.Struct, frozen=True, array_like=True):
    """The key of the list of labels."""

    message_id: Id


@put(
    "/messages/labels",
    summary="Label messages",
    operation_class=DescribedOperation,
    responses={
        **answers(400, 409, 415),
        **shown(200, LabelItems, LabelItems(items=[LABEL]), "The labels that these messages then have"),
    },
)
async def label_messages(request: Request[Any, Any, Any], data: JSONBody[Labelling]) -> LabelItems:
    """Say which topic messages are of, or take it back; harmless to repeat.

    Experiments are measured by labels. A label that is given wins over one that an approved topic confirms;
    with it taken back, that one shows again. 409 when the topic was rejected or merged away.
    """
    query = LabelMessages(message_ids=data.message_ids, topic_id=data.topic_id, by=person(request))
    return LabelItems(items=await change(request, query))


@get(
    "/labels",
    summary="List labels",
    operation_class=DescribedOperation,
    responses={
        **answers(),
        **shown(
            200,
            LabelItems,
            LabelItems(items=[LABEL, CONFIRMED]),
            "Labels in the order of their messages' ids",
        ),
    },
)
async def list_labels(
    topic_id: Annotated[
        int | None, QueryParameter(ge=1, le=_BIGINT, description="Only messages of this topic.")
    ] = None,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> LabelItems:
    """Messages whose topic a person gave, or confirmed by approving the one topic that they are of."""
    after = read_cursor(cursor, _AfterMessage)
    page = await ask(
        ListLabels(
            topic_ids=[] if topic_id is None else [topic_id],
            after_id=after.message_id if after else 0,
            limit=limit,
        )
    )
    more = page.next_after_id
    return LabelItems(
        items=page.items, next_cursor=None if more is None else write_cursor(_AfterMessage(more))
    )


labels_router = Router("/", route_handlers=[label_messages, list_labels], tags=["labels"])
