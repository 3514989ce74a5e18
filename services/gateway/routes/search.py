"""Search: messages and atoms by meaning and by words, in any of the languages."""

from typing import Annotated

from litestar import Router, get
from litestar.params import QueryParameter
from loguru import logger

from services.gateway.openapi import DescribedOperation, answers, shown
from services.gateway.routes.embedding_examples import PAGE
from services.gateway.routes.knowledge_parameters import ask_renamed
from services.gateway.routes.messages import chat_ids_of
from services.gateway.routes.parameters import AuthorFilter, ChatFilter, Cursor, Since, Until, in_utc
from services.gateway.routes.search_items import SearchItems, found_item
from shared.contracts.embedding import HitKind, Search, SearchHit
from shared.contracts.errors import QueryError
from shared.contracts.ingestion import GetMessages, MessageRecord
from shared.contracts.knowledge import AtomType
from shared.contracts.scoring import MessageClass
from shared.messaging.queries import ask

_TIMEOUT = 10.0


@get(
    "/search",
    summary="Search messages and atoms",
    operation_class=DescribedOperation,
    responses={**answers(), **shown(200, SearchItems, PAGE, "What was found, best first")},
)
async def search(  # noqa: PLR0913 - each is a query parameter
    *,
    q: Annotated[
        str,
        QueryParameter(
            min_length=1, max_length=500, description="What to look for, in any language, in your own words."
        ),
    ],
    kind: Annotated[
        list[HitKind] | None, QueryParameter(description="`message`, `atom`, or both when left out.")
    ] = None,
    chat_id: ChatFilter = None,
    author_id: AuthorFilter = None,
    since: Since = None,
    until: Until = None,
    message_class: Annotated[
        MessageClass | None, QueryParameter(name="class", description="Only messages of this class.")
    ] = None,
    atom_type: Annotated[
        list[AtomType] | None, QueryParameter(name="type", description="Only atoms of these types.")
    ] = None,
    include_noise: Annotated[
        bool, QueryParameter(description="Also noise, which is found by its words alone.")
    ] = False,
    cursor: Cursor = None,
    limit: Annotated[int, QueryParameter(ge=1, le=100, description="Items a page at the most.")] = 20,
) -> SearchItems:
    """Messages and atoms, best first: by meaning (vectors) and by words (trigrams), in one ranking.

    `score` compares within one answer only; `parts` says what it is made of. `matches` are the ranges of
    `text`, in characters, where the query's words stand, `title_matches` those of `title`. A class leaves
    atoms out, a type leaves messages out. Noise is left out unless asked for. When the embedding provider
    does not answer, words alone decide and `degraded` says so; a search that was begun by meaning does not go
    on by words: its next page is 503 meanwhile.
    """
    page = await ask_renamed(
        Search(
            query=q,
            kinds=list(kind or ("message", "atom")),
            chat_ids=await chat_ids_of(chat_id),
            author_id=author_id,
            since=in_utc(since),
            until=in_utc(until),
            message_class=message_class,
            atom_types=list(atom_type) if atom_type else None,
            include_noise=include_noise,
            cursor=cursor,
            limit=limit,
        ),
        {"query": "q"},
        _TIMEOUT,
    )
    messages = await _messages_of(page.items)
    return SearchItems(
        items=[found_item(hit, messages.get(hit.id)) for hit in page.items],
        next_cursor=page.next_cursor,
        space_id=page.space_id,
        basic_mode=page.basic_mode,
        under_filled=page.under_filled,
        degraded=page.degraded,
        took_ms=page.took_ms,
    )


async def _messages_of(hits: list[SearchHit]) -> dict[int, MessageRecord]:
    """The messages among the hits, by id; none while ingestion does not answer, as hits do without."""
    ids = [hit.id for hit in hits if hit.kind == "message"]
    if not ids:
        return {}
    try:
        return {message.id: message for message in await ask(GetMessages(message_ids=ids))}
    except QueryError as error:
        if error.code != "unavailable":
            raise
        logger.warning("hits are shown without their authors: {}", error)
        return {}


search_router = Router("/", route_handlers=[search], tags=["search"])
