"""The settings of embedding."""

from functools import cache
from typing import Annotated

from msgspec import Meta

from shared.service import read_settings
from shared.service.llm_settings import LlmSettings


class EmbeddingSettings(LlmSettings, frozen=True, kw_only=True):
    """What embedding is told beside what every service that calls language models is.

    Attributes:
        review_every: Seconds between two looks whether the active embedder's vector space is there.
        catch_up_every: Seconds between two searches for items that were left without a vector, or failed.
        query_patience: Seconds that a search waits for its query's vector; then words alone answer.
        index_memory_mb: Memory for building a space's index; one that is larger is built much more slowly.
    """

    review_every: Annotated[float, Meta(ge=1)] = 60.0
    catch_up_every: Annotated[float, Meta(ge=1)] = 3600.0
    query_patience: Annotated[float, Meta(gt=0, le=60)] = 3.0
    index_memory_mb: Annotated[int, Meta(ge=16)] = 256


@cache
def embedding_settings() -> EmbeddingSettings:
    """The settings of this process, read when they are first asked for."""
    return read_settings(EmbeddingSettings)
