"""Scoring of the API, by `client.scoring`."""

from tasktracker.records.common import Accepted
from tasktracker.records.scoring import ScoringStats
from tasktracker.resource import Resource


class Scoring(Resource):
    """Scoring runs and statistics."""

    def start(self, *, idempotency_key: str | None = None) -> Accepted:
        """Score what has no score.

        Score, in the background, every message that has no score of the present scorer version.

        It runs by itself every 15 minutes; this is for not waiting.

        Args:
            idempotency_key: A key of your own making, so that the server does it once even if you ask again
                within a day.
        """
        return self._ask(
            "POST", "/api/v1/scoring/runs", Accepted, headers={"Idempotency-Key": idempotency_key}, once=True
        )

    def stats(self, *, chat_id: int | None = None) -> ScoringStats:
        """Count scored messages.

        Counts of scored messages by class, of one chat or of all; a person's correction counts as it holds.

        Args:
            chat_id: Only this chat: any id that it has or has had here.
        """
        return self._ask("GET", "/api/v1/scoring/stats", ScoringStats, query={"chat_id": chat_id})
