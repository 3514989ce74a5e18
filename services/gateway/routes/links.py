"""Links: how atoms stand to each other."""

from typing import Any

import msgspec
from litestar import Request, Response, Router, delete, get, post
from litestar.params import JSONBody

from services.gateway.openapi import DescribedOperation, answers, shown
from services.gateway.routes.knowledge_examples import LINK
from services.gateway.routes.knowledge_parameters import AtomId, LinkId, change, change_once, person
from services.gateway.routes.parameters import IdempotencyKey
from shared.contracts.atoms import CreateLink, DeleteLink, LinkRecord, LinkType, ListLinks
from shared.contracts.knowledge import Confidence, Id
from shared.messaging.queries import ask


class NewLink(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A link to make: `from_atom` <type> `to_atom`, with a strength of 0 to 1."""

    from_atom: Id
    to_atom: Id
    type: LinkType
    strength: Confidence = 1.0


class LinkItems(msgspec.Struct, frozen=True, kw_only=True):
    """The links of an atom, strongest first; at most a thousand."""

    items: list[LinkRecord]
    next_cursor: str | None = None


@get(
    "/atoms/{atom_id:int}/links",
    summary="List an atom's links",
    operation_class=DescribedOperation,
    responses={
        **answers(404),
        **shown(200, LinkItems, LinkItems(items=[LINK]), "The links, strongest first"),
    },
)
async def list_links(atom_id: AtomId) -> LinkItems:
    """The links from and to an atom, strongest first."""
    return LinkItems(items=await ask(ListLinks(atom_id=atom_id)))


@post(
    "/links",
    status_code=201,
    summary="Link two atoms",
    operation_class=DescribedOperation,
    responses={**answers(400, 409, 415), **shown(201, LinkRecord, LINK, "The link")},
)
async def make_link(
    request: Request[Any, Any, Any], data: JSONBody[NewLink], idempotency_key: IdempotencyKey = None
) -> Response[LinkRecord]:
    """Link two atoms. The same link made again has the new strength."""
    del idempotency_key
    query = CreateLink(by=person(request), **msgspec.structs.asdict(data))
    return await change_once(request, lambda _: query, status=201)


@delete(
    "/links/{link_id:int}",
    status_code=204,
    summary="Delete a link",
    operation_class=DescribedOperation,
    responses=answers(),
)
async def delete_link(request: Request[Any, Any, Any], link_id: LinkId) -> None:
    """Delete a link. One that is gone already is no error."""
    await change(request, DeleteLink(link_id=link_id, by=person(request)))


links_router = Router("/", route_handlers=[list_links, make_link, delete_link], tags=["atoms"])
