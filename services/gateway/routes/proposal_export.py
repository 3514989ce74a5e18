"""Approved proposals as a file, streamed page by page."""

from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from typing import Annotated, Literal

import msgspec
from litestar import Router, get
from litestar.openapi.spec import OpenAPIMediaType, OpenAPIResponse, OpenAPIType, Schema
from litestar.params import QueryParameter
from litestar.response import Stream
from loguru import logger

from services.gateway.exporting.array import as_array
from services.gateway.exporting.table import as_table
from services.gateway.exporting.text import as_text
from services.gateway.openapi import DescribedOperation, answers
from services.gateway.routes.proposal_bodies import ProjectFilter, RunFilter
from services.gateway.routes.proposal_examples import APPROVED
from shared.contracts.errors import QueryError
from shared.contracts.proposals import Category, ExportProposals, ProposalRecord
from shared.messaging.queries import ask

Format = Literal["json", "csv", "markdown", "md"]


Pages = Callable[[Category | None], AsyncIterator[list[ProposalRecord]]]


@dataclass(frozen=True, slots=True)
class _Kind:
    """A kind of file: how it is told, how its name ends, and how it is written."""

    media_type: str
    ending: str
    write: Callable[[Pages], AsyncIterator[bytes]]


_TEXT = _Kind("text/markdown", "md", as_text)
_KINDS: dict[Format, _Kind] = {
    "json": _Kind("application/json", "json", lambda pages: as_array(pages(None))),
    "csv": _Kind("text/csv", "csv", lambda pages: as_table(pages(None))),
    "markdown": _TEXT,
    "md": _TEXT,
}
_TIMEOUT = 15.0


@dataclass
class ExportOperation(DescribedOperation):
    """An operation that answers with a file of one of three kinds."""

    def __post_init__(self) -> None:
        """Describe them."""
        super().__post_init__()
        text = Schema(type=OpenAPIType.STRING)
        records = Schema(
            type=OpenAPIType.ARRAY,
            items=Schema(type=OpenAPIType.OBJECT),
            example=[msgspec.to_builtins(APPROVED)],
        )
        self.responses = {
            **(self.responses or {}),
            "200": OpenAPIResponse(
                description="The file",
                content={
                    "application/json": OpenAPIMediaType(schema=records),
                    "text/csv": OpenAPIMediaType(schema=text),
                    "text/markdown": OpenAPIMediaType(schema=text),
                },
            ),
        }


@get(
    "/export",
    summary="Export approved proposals",
    operation_class=ExportOperation,
    responses=answers(),
)
async def export_proposals(
    format: Annotated[Format, QueryParameter(description="The kind of file; `md` is `markdown`.")] = "json",  # noqa: A002 - its public name
    run_id: RunFilter = None,
    project_id: ProjectFilter = None,
) -> Stream:
    """Approved proposals of a run, of a project or all, oldest first, as a file of any length.

    `json` is one array of full records; `csv` opens in a spreadsheet, no cell as a formula; `markdown` is by
    category, with quotes, authors and a checkbox for each sub-task.

    The file is sent while it is read. When that fails midway the connection is closed without the last chunk,
    which a client reports as an incomplete answer (curl: exit code 18): a file that arrived in full is whole.
    """

    def pages(category: Category | None) -> AsyncIterator[list[ProposalRecord]]:
        return _pages(ExportProposals(run_id=run_id, project_id=project_id, category=category))

    kind = _KINDS[format]
    chunks = kind.write(pages)
    # What can be refused is refused before the answer begins.
    first = await anext(chunks)
    return Stream(
        _sent(first, chunks),
        media_type=kind.media_type,
        headers={"Content-Disposition": f'attachment; filename="proposals.{kind.ending}"'},
    )


async def _pages(query: ExportProposals) -> AsyncIterator[list[ProposalRecord]]:
    page = await ask(query, timeout=_TIMEOUT)
    yield page.items
    while page.next_cursor is not None:
        page = await ask(msgspec.structs.replace(query, cursor=page.next_cursor), timeout=_TIMEOUT)
        yield page.items


async def _sent(first: bytes, rest: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    yield first
    try:
        async for chunk in rest:
            yield chunk
    except QueryError as error:
        logger.warning("an export ended before its last page, and its answer is broken off: {}", error)
        raise


proposal_export_router = Router("/proposals", route_handlers=[export_proposals], tags=["proposals"])
