"""Proposals as CSV (RFC 4180) that spreadsheets open as it is meant."""

import csv
import io
from collections.abc import AsyncIterable, AsyncIterator, Sequence

import msgspec

from shared.contracts.proposals import ProposalQuote, ProposalRecord

COLUMNS = (
    "id",
    "title",
    "description",
    "category",
    "priority",
    "tags",
    "sub_tasks",
    "component",
    "details",
    "quotes",
    "message_ids",
    "confidence",
    "reasoning",
    "novelty",
    "edited",
    "decided_by",
    "decided_at",
    "reason",
    "run_id",
    "project_id",
    "created_at",
)

BYTE_ORDER_MARK = "\ufeff"
"""By which Excel knows that a file is UTF-8."""

_FORMULA = ("=", "+", "-", "@", "\uff1d", "\uff0b", "\uff0d", "\uff20")
"""What spreadsheets begin a formula with, in full width, too."""
_BLANK = ("\t", "\r", "\n")


async def as_table(pages: AsyncIterable[Sequence[ProposalRecord]]) -> AsyncIterator[bytes]:
    """A line of headings, then a row a proposal."""
    opening = BYTE_ORDER_MARK + _lines([COLUMNS])
    async for page in pages:
        yield (opening + _lines([_row(proposal) for proposal in page])).encode()
        opening = ""


def plain(value: str) -> str:
    """A cell that no spreadsheet takes for a formula: such a one gets an apostrophe in front.

    After OWASP: https://owasp.org/www-community/attacks/CSV_Injection.
    """
    is_formula = value.lstrip().startswith(_FORMULA) or value.startswith(_BLANK)
    return f"'{value}" if is_formula else value


def _row(proposal: ProposalRecord) -> list[str]:
    message_ids = dict.fromkeys(quote.message_id for quote in proposal.quotes)
    cells: dict[str, object] = msgspec.to_builtins(proposal) | {
        "tags": ", ".join(proposal.tags),
        "sub_tasks": "\n".join(proposal.sub_tasks),
        "quotes": "\n".join(map(_quote, proposal.quotes)),
        "message_ids": ", ".join(map(str, message_ids)),
        "details": "" if proposal.details is None else msgspec.json.encode(proposal.details).decode(),
        "edited": "yes" if proposal.edited else "no",
    }
    return [plain("" if cells[name] is None else str(cells[name])) for name in COLUMNS]


def _quote(quote: ProposalQuote) -> str:
    author = f" ({quote.author_name})" if quote.author_name else ""
    return f"“{quote.quote}”{author}"


def _lines(rows: Sequence[Sequence[str]]) -> str:
    text = io.StringIO()
    csv.writer(text).writerows(rows)
    return text.getvalue()
