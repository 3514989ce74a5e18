"""Topics: what the team talks about."""

from typing import Annotated, Any

import msgspec
from litestar import Request, Response, Router, get, patch, post
from litestar.params import FromQuery, JSONBody, QueryParameter
from msgspec import UNSET, Meta, UnsetType

from services.gateway.etags import IfMatch, IfNoneMatch, by_version, edit, show, version_seen
from services.gateway.openapi import DescribedOperation, answers, shown
from services.gateway.routes.knowledge_examples import ATOM, MERGE, TOPIC
from services.gateway.routes.knowledge_parameters import (
    MergeInto,
    Review,
    TopicId,
    change_once,
    person,
)
from services.gateway.routes.parameters import Cursor, IdempotencyKey, Limit
from shared.contracts.atoms import AtomPage, ListAtoms
from shared.contracts.knowledge import AtomType, ReviewStatus
from shared.contracts.revisions import MergeRecord, MergeTopics
from shared.contracts.topics import (
    Colour,
    CreateTopic,
    Description,
    EditTopic,
    GetTopic,
    Icon,
    ListTopics,
    ReviewTopic,
    TopicName,
    TopicPage,
    TopicRecord,
)
from shared.messaging.queries import ask

_MERGE_TIMEOUT = 30.0


class NewTopic(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A topic to make.

    Attributes:
        name: 2 to 4 words, unique whatever the case.
        icon: One emoji.
        colour: `#rrggbb`.
    """

    name: Annotated[TopicName, Meta(examples=["Реліз у четвер"])]
    description: Description = ""
    icon: Icon = "💬"
    colour: Colour = "#64748b"


class TopicChange(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What shall change; what is left out stays."""

    name: TopicName | UnsetType = UNSET
    description: Description | UnsetType = UNSET
    icon: Icon | UnsetType = UNSET
    colour: Colour | UnsetType = UNSET


@get(
    "/",
    summary="List topics",
    operation_class=DescribedOperation,
    responses={
        **answers(),
        **shown(200, TopicPage, TopicPage(items=[TOPIC]), "Topics, latest change first"),
    },
)
async def list_topics(
    status: FromQuery[ReviewStatus | None] = None,
    search: Annotated[
        str | None,
        QueryParameter(
            max_length=200,
            pattern=r"^[^\x00]*$",
            description="Only topics whose name or description has all of these words, in any case.",
        ),
    ] = None,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> TopicPage:
    """Topics with their counts, those with the latest change first. Merged ones are left out."""
    return await ask(ListTopics(status=status, search=search, cursor=cursor, limit=limit))


@post(
    "/",
    status_code=201,
    summary="Make a topic",
    operation_class=DescribedOperation,
    responses={**answers(400, 409, 415), **shown(201, TopicRecord, TOPIC, "The topic")},
)
async def make_topic(
    request: Request[Any, Any, Any], data: JSONBody[NewTopic], idempotency_key: IdempotencyKey = None
) -> Response[TopicRecord]:
    """Make a topic; it is approved from the start. 409 names the topic that has the name already."""
    del idempotency_key
    query = CreateTopic(by=person(request), **msgspec.structs.asdict(data))
    return await change_once(
        request, lambda _: query, status=201, location=lambda topic: f"/api/v1/topics/{topic.id}"
    )


@get(
    "/{topic_id:int}",
    summary="Get a topic",
    operation_class=DescribedOperation,
    responses={**answers(404), **shown(200, TopicRecord, TOPIC, "The topic")},
)
async def get_topic(
    request: Request[Any, Any, Any], topic_id: TopicId, if_none_match: IfNoneMatch = None
) -> Response[TopicRecord]:
    """One topic with its counts. One that was merged away says so in `merged_into`."""
    del if_none_match
    return show(request, await ask(GetTopic(topic_id=topic_id)), by_version)


@patch(
    "/{topic_id:int}",
    summary="Change a topic",
    operation_class=DescribedOperation,
    responses={**answers(400, 404, 409, 415), **shown(200, TopicRecord, TOPIC, "The topic as it is now")},
)
async def change_topic(
    request: Request[Any, Any, Any],
    topic_id: TopicId,
    data: JSONBody[TopicChange],
    if_match: IfMatch = None,
) -> Response[TopicRecord]:
    """Change what is given: it holds at once, and is an approved version."""
    del if_match
    by, fields = person(request), msgspec.structs.asdict(data)
    return await edit(
        request,
        GetTopic(topic_id=topic_id),
        by_version,
        lambda seen: EditTopic(topic_id=topic_id, by=by, version=version_seen(None, seen), **fields),
    )


@post(
    "/{topic_id:int}/review",
    status_code=200,
    summary="Review a topic",
    operation_class=DescribedOperation,
    responses={**answers(400, 404, 409, 415), **shown(200, TopicRecord, TOPIC, "The topic as it is now")},
)
async def review_topic(
    request: Request[Any, Any, Any],
    topic_id: TopicId,
    data: JSONBody[Review],
    idempotency_key: IdempotencyKey = None,
) -> Response[TopicRecord]:
    """Approve a topic, reject it, or take the decision back with `needs_review`."""
    del idempotency_key
    query = ReviewTopic(topic_id=topic_id, status=data.status, by=person(request))
    return await change_once(request, lambda _: query)


@post(
    "/{topic_id:int}/merge",
    status_code=200,
    summary="Merge a topic into another",
    operation_class=DescribedOperation,
    responses={**answers(400, 404, 409, 415), **shown(200, MergeRecord, MERGE, "The merge")},
)
async def merge_topic(
    request: Request[Any, Any, Any],
    topic_id: TopicId,
    data: JSONBody[MergeInto],
    idempotency_key: IdempotencyKey = None,
) -> Response[MergeRecord]:
    """Have another topic take this one's atoms and messages over; `POST /merges/{id}/undo` takes it back.

    409 when one of the two was merged away itself.
    """
    del idempotency_key
    query = MergeTopics(kept_id=data.into, merged_id=topic_id, by=person(request))
    return await change_once(request, lambda _: query, renamed={"kept_id": "into"}, timeout=_MERGE_TIMEOUT)


@get(
    "/{topic_id:int}/atoms",
    summary="List a topic's atoms",
    operation_class=DescribedOperation,
    responses={**answers(404), **shown(200, AtomPage, AtomPage(items=[ATOM]), "Atoms, newest first")},
)
async def list_topic_atoms(
    topic_id: TopicId,
    type_: Annotated[AtomType | None, QueryParameter(name="type", description="Only this type.")] = None,
    status: FromQuery[ReviewStatus | None] = None,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> AtomPage:
    """The atoms of one topic, newest first. Rejected ones are left out unless `status` asks for them."""
    await ask(GetTopic(topic_id=topic_id))
    return await ask(ListAtoms(topic_id=topic_id, type=type_, status=status, cursor=cursor, limit=limit))


topics_router = Router(
    "/topics",
    route_handlers=[
        list_topics,
        make_topic,
        get_topic,
        change_topic,
        review_topic,
        merge_topic,
        list_topic_atoms,
    ],
    tags=["topics"],
)
