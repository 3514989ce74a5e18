"""What the analysis container starts: `python -m shared.service services.analysis.worker`."""

from services.analysis import (
    actors,
    experiment_queries,
    project_queries,
    proposal_queries,
    queries,
    run_queries,
)
from services.analysis.settings import AnalysisSettings
from shared.contracts.analysis import PurgeLlmUsage, ResealProviderKeys, ValidateWaitingProviders
from shared.contracts.experiments import WakeStuckExperiments
from shared.contracts.runs import WakeStuckRuns
from shared.service import Periodic, build_broker, describe_service, read_settings, run_plane
from shared.service.llm_settings import bind_language_models

_DAY = 86_400.0

settings = read_settings(AnalysisSettings)
bind_language_models(settings)
service = describe_service(
    "analysis",
    settings,
    actors=actors,
    queries=[queries, project_queries, run_queries, proposal_queries, experiment_queries],
    periodic=[
        # Keys first: what they open is then tried out with the newest.
        Periodic(ResealProviderKeys, every=settings.reseal_every),
        Periodic(ValidateWaitingProviders, every=settings.waiting_every),
        Periodic(WakeStuckRuns, every=settings.stuck_every),
        Periodic(WakeStuckExperiments, every=settings.stuck_every),
        Periodic(PurgeLlmUsage, every=_DAY),
    ],
)


def plane() -> int:
    """The process that answers health and queries and relays the outbox."""
    return run_plane(service, broker)


broker = build_broker(service, plane)
