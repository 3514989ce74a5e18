"""Experiments of the API, by `client.experiments`."""

from collections.abc import Iterator
from typing import Literal
from uuid import UUID

from tasktracker.records.experiments import (
    Comparison,
    ExperimentAccepted,
    ExperimentPage,
    ExperimentRecord,
    ExperimentResult,
    ResultPage,
)
from tasktracker.resource import Resource, every, given, segment


class Experiments(Resource):
    """How well a model sorts messages into topics, measured."""

    def list(
        self,
        *,
        status: Literal["pending", "running", "completed", "failed", "cancelled"] | None = None,
        cursor: str | None = None,
        limit: int | None = None,
    ) -> ExperimentPage:
        """List experiments.

        Experiments with their figures, newest first. Those with one `snapshot_id` can be compared.

        Args:
            status: Only experiments that stand so.
            cursor: `next_cursor` of the page before; absent for the first.
            limit: Items a page at the most.
        """
        return self._ask(
            "GET",
            "/api/v1/experiments",
            ExperimentPage,
            query={"status": status, "cursor": cursor, "limit": limit},
        )

    def iterate(
        self,
        *,
        status: Literal["pending", "running", "completed", "failed", "cancelled"] | None = None,
        limit: int | None = None,
    ) -> Iterator[ExperimentRecord]:
        """All items of `list`, page after page, each page asked for when it is needed."""
        return every(lambda cursor: self.list(status=status, limit=limit, cursor=cursor))

    def create(
        self,
        name: str,
        *,
        provider_id: UUID | str | None = None,
        model: str | None = None,
        snapshot_of: UUID | str | None = None,
        language: Literal["uk", "en"] | None = None,
        max_cost: float | None = None,
        messages: int | None = None,
        idempotency_key: str | None = None,
    ) -> ExperimentAccepted:
        """Begin an experiment.

        Classify labelled messages in the background, and measure how well that went.

        What is classified, and among which topics, is frozen. 409 says what to do when the labels (`PUT
        /messages/labels`) are not of two topics at least. Watch `experiment_progress` on the WebSocket.

        Args:
            provider_id: Whose model classifies; `local`, by the nearest topic, when left out.
            model: The provider's chat model when left out.
            snapshot_of: An experiment whose messages and topics are used again, so that both can be
                compared.
            language: Of the prompt.
            max_cost: US dollars; an experiment that reaches it is `failed`, and what it classified stays.
            messages: At most so many labelled messages, of each topic about as many; of a snapshot all.
            idempotency_key: A key of your own making, so that the server does it once even if you ask again
                within a day.
        """
        return self._ask(
            "POST",
            "/api/v1/experiments",
            ExperimentAccepted,
            body=given(
                {
                    "name": name,
                    "provider_id": provider_id,
                    "model": model,
                    "snapshot_of": snapshot_of,
                    "language": language,
                    "max_cost": max_cost,
                    "messages": messages,
                }
            ),
            headers={"Idempotency-Key": idempotency_key},
            once=True,
        )

    def compare(self, *, first_id: UUID | str, second_id: UUID | str) -> Comparison:
        """Compare two experiments.

        Compare two completed experiments on the same snapshot, message by message, by McNemar's test.

        409 when one has not completed, or they classified different messages: begin the second one with
        `snapshot_of` the first.

        Args:
            first_id: The id of an experiment.
            second_id: The id of another one on the same snapshot.
        """
        return self._ask(
            "GET",
            "/api/v1/experiments/compare",
            Comparison,
            query={"first_id": first_id, "second_id": second_id},
        )

    def get(self, experiment_id: UUID | str) -> ExperimentRecord:
        """Get an experiment.

        One experiment: how far it is, and once it is completed its figures and its confusion matrix.
        """
        return self._ask("GET", f"/api/v1/experiments/{segment(experiment_id)}", ExperimentRecord)

    def delete(self, experiment_id: UUID | str) -> None:
        """Delete an experiment.

        Delete an experiment with its results; 409 while it runs. One that is gone already is no error.
        """
        self._tell("DELETE", f"/api/v1/experiments/{segment(experiment_id)}")

    def cancel(self, experiment_id: UUID | str, *, idempotency_key: str | None = None) -> ExperimentRecord:
        """Cancel an experiment.

        Stop an experiment at once; what it has classified stays. 409 when it has ended.

        Args:
            idempotency_key: A key of your own making, so that the server does it once even if you ask again
                within a day.
        """
        return self._ask(
            "POST",
            f"/api/v1/experiments/{segment(experiment_id)}/cancel",
            ExperimentRecord,
            headers={"Idempotency-Key": idempotency_key},
            once=True,
        )

    def results(
        self,
        experiment_id: UUID | str,
        *,
        wrong: bool | None = None,
        cursor: str | None = None,
        limit: int | None = None,
    ) -> ResultPage:
        """List an experiment's results.

        What became of each message: its topic, the one it was taken for, how surely, and why.

        Args:
            wrong: Only messages whose topic was not found.
            cursor: `next_cursor` of the page before; absent for the first.
            limit: Items a page at the most.
        """
        return self._ask(
            "GET",
            f"/api/v1/experiments/{segment(experiment_id)}/results",
            ResultPage,
            query={"wrong": wrong, "cursor": cursor, "limit": limit},
        )

    def iterate_results(
        self, experiment_id: UUID | str, *, wrong: bool | None = None, limit: int | None = None
    ) -> Iterator[ExperimentResult]:
        """All items of `results`, page after page, each page asked for when it is needed."""
        return every(lambda cursor: self.results(experiment_id, wrong=wrong, limit=limit, cursor=cursor))
