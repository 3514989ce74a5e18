"""Atoms: what was learned, each with the words that prove it."""

from typing import Annotated, Any
from uuid import UUID

import msgspec
from litestar import Request, Response, Router, get, patch, post
from litestar.params import FromQuery, JSONBody, QueryParameter
from msgspec import UNSET, Meta, UnsetType

from services.gateway.etags import IfMatch, IfNoneMatch, by_version, edit, show, version_seen
from services.gateway.openapi import DescribedOperation, answers, shown
from services.gateway.routes.knowledge_examples import ATOM
from services.gateway.routes.knowledge_parameters import AtomId, change_once, person
from services.gateway.routes.parameters import Cursor, IdempotencyKey, Limit
from shared.contracts.atoms import (
    AtomPage,
    AtomRecord,
    Content,
    CreateAtom,
    EditAtom,
    GetAtom,
    ListAtoms,
    QuotedWords,
    Title,
)
from shared.contracts.knowledge import AtomType, Id, ReviewStatus, TopicIds
from shared.messaging.queries import ask

_BIGINT = 2**63 - 1


class QuoteOf(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Words that stand in a message, word for word; white space does not matter."""

    message_id: Id
    quote: QuotedWords


class NewAtom(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An atom to make.

    Attributes:
        quotes: What proves it, 1 to 50: nothing gets into the knowledge base that nobody has said.
        topic_ids: Topics that it belongs to.
    """

    type: AtomType
    title: Annotated[Title, Meta(examples=["Реліз переноситься на четвер"])]
    content: Content
    quotes: Annotated[list[QuoteOf], Meta(min_length=1, max_length=50)]
    topic_ids: TopicIds = []


class AtomChange(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What shall change; what is left out stays. `topic_ids` are all the topics that it belongs to then."""

    type: AtomType | UnsetType = UNSET
    title: Title | UnsetType = UNSET
    content: Content | UnsetType = UNSET
    topic_ids: TopicIds | UnsetType = UNSET


@get(
    "/",
    summary="List atoms",
    operation_class=DescribedOperation,
    responses={**answers(), **shown(200, AtomPage, AtomPage(items=[ATOM]), "Atoms, newest first")},
)
async def list_atoms(  # noqa: PLR0913 - each is a query parameter
    *,
    topic_id: Annotated[
        int | None, QueryParameter(ge=1, le=_BIGINT, description="Only atoms of this topic.")
    ] = None,
    type_: Annotated[AtomType | None, QueryParameter(name="type", description="Only this type.")] = None,
    status: FromQuery[ReviewStatus | None] = None,
    message_id: Annotated[
        int | None, QueryParameter(ge=1, le=_BIGINT, description="Only atoms that quote this message.")
    ] = None,
    run_id: Annotated[
        UUID | None, QueryParameter(description="Only atoms that this extraction found.")
    ] = None,
    include_superseded: Annotated[
        bool, QueryParameter(description="Whether decisions that a later one replaced are listed too.")
    ] = True,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> AtomPage:
    """Atoms with their topics and quotes, newest first.

    Merged ones are left out, rejected ones unless `status` asks for them. Long atoms make shorter pages.
    """
    return await ask(
        ListAtoms(
            topic_id=topic_id,
            type=type_,
            status=status,
            message_id=message_id,
            run_id=run_id,
            include_superseded=include_superseded,
            cursor=cursor,
            limit=limit,
        )
    )


@post(
    "/",
    status_code=201,
    summary="Make an atom",
    operation_class=DescribedOperation,
    responses={**answers(400, 409, 415), **shown(201, AtomRecord, ATOM, "The atom")},
)
async def make_atom(
    request: Request[Any, Any, Any], data: JSONBody[NewAtom], idempotency_key: IdempotencyKey = None
) -> Response[AtomRecord]:
    """Make an atom; it is approved from the start. 422 names the quote that its message does not have."""
    del idempotency_key
    query = CreateAtom(
        type=data.type,
        title=data.title,
        content=data.content,
        by=person(request),
        quotes=[(each.message_id, each.quote) for each in data.quotes],
        topic_ids=data.topic_ids,
    )
    return await change_once(
        request, lambda _: query, status=201, location=lambda atom: f"/api/v1/atoms/{atom.id}"
    )


@get(
    "/{atom_id:int}",
    summary="Get an atom",
    operation_class=DescribedOperation,
    responses={**answers(404), **shown(200, AtomRecord, ATOM, "The atom")},
)
async def get_atom(
    request: Request[Any, Any, Any], atom_id: AtomId, if_none_match: IfNoneMatch = None
) -> Response[AtomRecord]:
    """One atom with its topics and quotes. One that was merged away says so in `merged_into`."""
    del if_none_match
    return show(request, await ask(GetAtom(atom_id=atom_id)), by_version)


@patch(
    "/{atom_id:int}",
    summary="Change an atom",
    operation_class=DescribedOperation,
    responses={**answers(400, 404, 409, 415), **shown(200, AtomRecord, ATOM, "The atom as it is now")},
)
async def change_atom(
    request: Request[Any, Any, Any], atom_id: AtomId, data: JSONBody[AtomChange], if_match: IfMatch = None
) -> Response[AtomRecord]:
    """Change what is given: it holds at once, and is an approved version. Its quotes stay what they are."""
    del if_match
    by, fields = person(request), msgspec.structs.asdict(data)
    return await edit(
        request,
        GetAtom(atom_id=atom_id),
        by_version,
        lambda seen: EditAtom(atom_id=atom_id, by=by, version=version_seen(None, seen), **fields),
    )


atoms_router = Router("/atoms", route_handlers=[list_atoms, make_atom, get_atom, change_atom], tags=["atoms"])
