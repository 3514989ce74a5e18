"""What the knowledge container starts: `python -m shared.service services.knowledge.worker`."""

from services.knowledge import actors, queries, reviews
from services.knowledge.settings import KnowledgeSettings
from shared.contracts.analysis import AgentChanged, ProviderChanged
from shared.contracts.base import Event
from shared.contracts.extraction import ReviewPending
from shared.service import Periodic, Reaction, build_broker, describe_service, read_settings, run_plane
from shared.service.llm_settings import bind_language_models


def _review(_event: Event) -> ReviewPending:
    """What stood in the threshold's way may be mended: another agent, another key."""
    return ReviewPending()


settings = read_settings(KnowledgeSettings)
bind_language_models(settings)
service = describe_service(
    "knowledge",
    settings,
    actors=actors,
    queries=[queries, *reviews.MODULES],
    periodic=[Periodic(ReviewPending, every=settings.review_every)],
    reactions=[Reaction(AgentChanged, _review), Reaction(ProviderChanged, _review)],
)


def plane() -> int:
    """The process that answers health and queries and relays the outbox."""
    return run_plane(service, broker)


broker = build_broker(service, plane)
