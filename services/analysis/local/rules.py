"""The task that `local` answers, as `shared.llm` calls it."""

import asyncio

import msgspec

from services.analysis.answers import Batch, Proposals
from services.analysis.local.drafting import draft
from services.analysis.local.matters import matters
from services.analysis.local.statements import read
from services.analysis.local.talk import Talk
from shared.llm.interface import Embedder


async def propose_tasks(data: msgspec.Struct, _embedder: Embedder) -> Proposals:
    """Tasks from the atoms of a batch: their own words, quoted. In a thread, as long batches take a while.

    Raises:
        TypeError: It is no batch.
    """
    if not isinstance(data, Batch):
        raise TypeError(f"propose_tasks is asked of a batch, not of {type(data).__name__}")
    return await asyncio.to_thread(proposals_of, data)


def proposals_of(asked: Batch) -> Proposals:
    """What is to be done, in the order said; messages that no atom quotes give nothing."""
    talk = Talk(asked.lines)
    found = matters(read(asked, talk), asked.links, talk)
    return Proposals(proposals=[draft(matter, asked, talk) for matter in found][:50])
