"""Proposals as one JSON array of full records."""

from collections.abc import AsyncIterable, AsyncIterator, Sequence

import msgspec

from shared.contracts.proposals import ProposalRecord


async def as_array(pages: AsyncIterable[Sequence[ProposalRecord]]) -> AsyncIterator[bytes]:
    """The array, closed by its bracket once all of it is there."""
    opening = b"["
    async for page in pages:
        if page:
            yield opening + b",\n".join(map(msgspec.json.encode, page))
            opening = b",\n"
    yield b"[]\n" if opening == b"[" else b"]\n"
