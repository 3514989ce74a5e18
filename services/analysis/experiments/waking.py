"""The periodic look at experiments whose worker has gone away."""

from datetime import UTC, datetime, timedelta

from loguru import logger

from services.analysis.experiments.creating import send
from services.analysis.experiments.ending import Ending, end
from services.analysis.repository.experiments import say_waiting, stuck_experiments
from services.analysis.settings import AnalysisSettings
from shared.messaging.transaction import transaction
from shared.service import read_settings

_GIVEN_UP_AFTER = timedelta(days=1)
_GIVEN_UP = (
    "No worker has finished it within a day. What was classified is kept; look at the queue of analysis, and "
    "whether its workers run, then begin another one."
)


async def wake_stuck() -> int:
    """Send experiments again that show no life, and end those that were made long ago; returns how many."""
    silent_for = timedelta(seconds=read_settings(AnalysisSettings).dead_after)
    async with transaction() as tx:
        stuck = await stuck_experiments(tx, silent_for)
        for experiment_id, created_at in stuck:
            if datetime.now(UTC) - created_at > _GIVEN_UP_AFTER:
                await end(tx, experiment_id, Ending("failed", _GIVEN_UP))
            else:
                logger.warning("experiment {} shows no life, and is sent again", experiment_id)
                await say_waiting(tx, experiment_id)
                send(tx, experiment_id)
    return len(stuck)
