"""What the ingestion container starts: `dramatiq services.ingestion.worker`."""

from services.ingestion import actors, queries
from services.ingestion.settings import IngestionSettings
from shared.service import build_broker, describe_service, read_settings, run_plane

service = describe_service("ingestion", read_settings(IngestionSettings), actors=actors, queries=queries)


def plane() -> int:
    """The process that answers health and queries and relays the outbox."""
    return run_plane(service, broker)


broker = build_broker(service, plane)
