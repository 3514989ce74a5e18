"""What the scoring container starts: `python -m shared.service services.scoring.worker`."""

from services.scoring import actors, queries
from services.scoring.settings import ScoringSettings
from shared.contracts.scoring import ScoreUnscoredMessages
from shared.service import Periodic, build_broker, describe_service, read_settings, run_plane

settings = read_settings(ScoringSettings)
service = describe_service(
    "scoring",
    settings,
    actors=actors,
    queries=queries,
    periodic=[Periodic(ScoreUnscoredMessages, every=settings.catch_up_every)],
)


def plane() -> int:
    """The process that answers health and queries and relays the outbox."""
    return run_plane(service, broker)


broker = build_broker(service, plane)
