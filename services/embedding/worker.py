"""What the embedding container starts: `python -m shared.service services.embedding.worker`."""

from functools import partial

from services.embedding import actors, queries
from services.embedding.measuring import watch_coverage
from services.embedding.settings import embedding_settings
from shared.contracts.analysis import AgentChanged, ProviderChanged
from shared.contracts.base import Command, Event
from shared.contracts.embedding import EmbedMissing, ReviewVectorSpaces
from shared.service import Periodic, Reaction, build_broker, describe_service, run_plane
from shared.service.llm_settings import bind_language_models


def _review(_changed: Event) -> Command:
    return ReviewVectorSpaces()


settings = embedding_settings()
bind_language_models(settings)
service = describe_service(
    "embedding",
    settings,
    actors=actors,
    queries=queries,
    periodic=[
        Periodic(ReviewVectorSpaces, every=settings.review_every),
        Periodic(partial(EmbedMissing, kind="message"), every=settings.catch_up_every),
        Periodic(partial(EmbedMissing, kind="atom"), every=settings.catch_up_every),
        Periodic(partial(EmbedMissing, kind="topic"), every=settings.catch_up_every),
    ],
    loops=[watch_coverage],
    reactions=[Reaction(AgentChanged, _review), Reaction(ProviderChanged, _review)],
)


def plane() -> int:
    """The process that answers health and queries and relays the outbox."""
    return run_plane(service, broker)


broker = build_broker(service, plane)
