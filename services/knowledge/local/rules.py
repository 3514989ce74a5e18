"""The tasks that `local` answers, as `shared.llm` calls them."""

import asyncio

import msgspec

from services.knowledge.answers import Conversation, Extraction
from services.knowledge.local.extraction import extract, wanted_texts
from shared.llm.interface import Embedder


async def extract_knowledge(data: msgspec.Struct, embedder: Embedder) -> Extraction:
    """Topics and atoms of a `Conversation`: its own words, quoted. Vectors are asked for once, together.

    Reading takes a thread: a few long messages take seconds, in which the event loop has other things to do.

    Raises:
        TypeError: It is no conversation.
    """
    if not isinstance(data, Conversation):
        raise TypeError(f"extract_knowledge is asked of a conversation, not of {type(data).__name__}")
    texts = await asyncio.to_thread(wanted_texts, data)
    embedded = await embedder.embed_documents(texts)
    vectors = {
        text: vector for text, vector in zip(texts, embedded.vectors, strict=True) if vector is not None
    }
    return await asyncio.to_thread(extract, data, vectors)
