"""What the ingestion container starts: `python -m shared.service services.ingestion.worker`."""

from services.ingestion import actors, queries
from services.ingestion.bot import queries as bot_queries
from services.ingestion.bot.polling import poll_updates
from services.ingestion.history import queries as history_queries
from services.ingestion.settings import IngestionSettings
from shared.contracts.history import ResealTelegramSession
from shared.contracts.telegram import ResealBotToken
from shared.sealing import bind_keys
from shared.service import Periodic, build_broker, describe_service, read_settings, run_plane

_DAY = 86_400.0

settings = read_settings(IngestionSettings)
bind_keys(settings.encryption_keys)
service = describe_service(
    "ingestion",
    settings,
    actors=actors,
    queries=[queries, bot_queries, history_queries],
    periodic=[Periodic(ResealBotToken, every=_DAY), Periodic(ResealTelegramSession, every=_DAY)],
    loops=[poll_updates],
)


def plane() -> int:
    """The process that answers health and queries and relays the outbox."""
    return run_plane(service, broker)


broker = build_broker(service, plane)
