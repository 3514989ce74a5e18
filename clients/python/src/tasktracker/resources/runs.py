"""Runs of the API, by `client.runs`."""

from collections.abc import Iterator
from datetime import datetime
from typing import Literal
from uuid import UUID

from tasktracker.records.common import Accepted, ProposalPage, ProposalRecord
from tasktracker.records.runs import IndexedRun, IndexedRuns, RunRecord, TraceLink
from tasktracker.resource import Resource, every, given, segment


class Runs(Resource):
    """Analysis runs: a window of chat becomes proposals."""

    def list(
        self,
        *,
        kind: Literal["analysis", "experiment", "extraction", "ingestion"] | None = None,
        status: Literal["pending", "running", "completed", "reviewed", "closed", "failed", "cancelled"]
        | None = None,
        project_id: UUID | str | None = None,
        cursor: str | None = None,
        limit: int | None = None,
    ) -> IndexedRuns:
        """List runs.

        Everything that runs or has run, newest first: analysis, experiments, extractions and ingestion
        jobs.

        While a service is away, its kind is left out with a note; further pages have it again. 503 only
        when nobody answers. `reviewed` and `closed` are states of analysis runs alone.

        Args:
            kind: Only runs of this kind.
            status: Only runs that stand so.
            project_id: Only runs of this project, which are analysis runs.
            cursor: `next_cursor` of the page before; absent for the first.
            limit: Items a page at the most.
        """
        return self._ask(
            "GET",
            "/api/v1/runs",
            IndexedRuns,
            query={
                "kind": kind,
                "status": status,
                "project_id": project_id,
                "cursor": cursor,
                "limit": limit,
            },
        )

    def iterate(
        self,
        *,
        kind: Literal["analysis", "experiment", "extraction", "ingestion"] | None = None,
        status: Literal["pending", "running", "completed", "reviewed", "closed", "failed", "cancelled"]
        | None = None,
        project_id: UUID | str | None = None,
        limit: int | None = None,
    ) -> Iterator[IndexedRun]:
        """All items of `list`, page after page, each page asked for when it is needed."""
        return every(
            lambda cursor: self.list(
                kind=kind, status=status, project_id=project_id, limit=limit, cursor=cursor
            )
        )

    def create(
        self,
        *,
        project_id: UUID | str,
        since: datetime,
        until: datetime,
        use_rag: bool | None = None,
        task_config_id: UUID | str | None = None,
        agent_id: UUID | str | None = None,
        idempotency_key: str | None = None,
    ) -> RunRecord:
        """Make a run.

        Make a run and estimate what it will cost; nothing is read or paid before `POST
        /runs/{run_id}/start`.

        409 names the project's run that is not closed yet: there is one at a time.

        Args:
            project_id: Whose chats, words and rules.
            since: Messages sent at or after this time; UTC when it has no zone.
            until: Messages sent before this time; UTC when it has no zone.
            use_rag: Show the model similar atoms and earlier approved proposals.
            task_config_id: What to produce beside a proposal's own fields.
            agent_id: By this agent; when left out the one that is assigned, or the active `task_proposer`.
            idempotency_key: A key of your own making, so that the server does it once even if you ask again
                within a day.
        """
        return self._ask(
            "POST",
            "/api/v1/runs",
            RunRecord,
            body=given(
                {
                    "project_id": project_id,
                    "since": since,
                    "until": until,
                    "use_rag": use_rag,
                    "task_config_id": task_config_id,
                    "agent_id": agent_id,
                }
            ),
            headers={"Idempotency-Key": idempotency_key},
            once=True,
        )

    def get(self, run_id: UUID | str) -> RunRecord:
        """Get a run.

        One run: how far it is, what came of it, what it cost, what went wrong.

        `accuracy` is by what people decided of its proposals; `config_snapshot` is what it works with,
        frozen.
        """
        return self._ask("GET", f"/api/v1/runs/{segment(run_id)}", RunRecord)

    def cancel(self, run_id: UUID | str, *, idempotency_key: str | None = None) -> RunRecord:
        """Cancel a run.

        Stop a run before its next batch; its proposals stay. 409 once it is completed.

        Args:
            idempotency_key: A key of your own making, so that the server does it once even if you ask again
                within a day.
        """
        return self._ask(
            "POST",
            f"/api/v1/runs/{segment(run_id)}/cancel",
            RunRecord,
            headers={"Idempotency-Key": idempotency_key},
            once=True,
        )

    def close(self, run_id: UUID | str, *, idempotency_key: str | None = None) -> RunRecord:
        """Close a run.

        Close a run, so that its project may have the next; 409 says how many proposals still wait.

        Args:
            idempotency_key: A key of your own making, so that the server does it once even if you ask again
                within a day.
        """
        return self._ask(
            "POST",
            f"/api/v1/runs/{segment(run_id)}/close",
            RunRecord,
            headers={"Idempotency-Key": idempotency_key},
            once=True,
        )

    def proposals(
        self,
        run_id: UUID | str,
        *,
        status: Literal["pending", "approved", "rejected", "merged"] | None = None,
        category: Literal["bug", "feature", "improvement", "question", "docs", "chore"] | None = None,
        priority: Literal["low", "medium", "high", "critical"] | None = None,
        novelty: Literal["new", "duplicate_of", "update_of"] | None = None,
        cursor: str | None = None,
        limit: int | None = None,
    ) -> ProposalPage:
        """List a run's proposals.

        What a run proposes, its newest batch first; also while it is still running.

        Args:
            status: Only proposals that stand so.
            category: Only proposals of this kind.
            priority: Only proposals this urgent.
            novelty: Only proposals that are new, or that repeat or add to one.
            cursor: `next_cursor` of the page before; absent for the first.
            limit: Items a page at the most.
        """
        return self._ask(
            "GET",
            f"/api/v1/runs/{segment(run_id)}/proposals",
            ProposalPage,
            query={
                "status": status,
                "category": category,
                "priority": priority,
                "novelty": novelty,
                "cursor": cursor,
                "limit": limit,
            },
        )

    def iterate_proposals(
        self,
        run_id: UUID | str,
        *,
        status: Literal["pending", "approved", "rejected", "merged"] | None = None,
        category: Literal["bug", "feature", "improvement", "question", "docs", "chore"] | None = None,
        priority: Literal["low", "medium", "high", "critical"] | None = None,
        novelty: Literal["new", "duplicate_of", "update_of"] | None = None,
        limit: int | None = None,
    ) -> Iterator[ProposalRecord]:
        """All items of `proposals`, page after page, each page asked for when it is needed."""
        return every(
            lambda cursor: self.proposals(
                run_id,
                status=status,
                category=category,
                priority=priority,
                novelty=novelty,
                limit=limit,
                cursor=cursor,
            )
        )

    def retry(self, run_id: UUID | str, *, idempotency_key: str | None = None) -> Accepted:
        """Retry a run.

        Go on with a failed or cancelled run at the first batch that was not saved; 409 in other states.

        What the model has answered already comes from the cache, and is not paid twice.

        Args:
            idempotency_key: A key of your own making, so that the server does it once even if you ask again
                within a day.
        """
        return self._ask(
            "POST",
            f"/api/v1/runs/{segment(run_id)}/retry",
            Accepted,
            headers={"Idempotency-Key": idempotency_key},
            once=True,
        )

    def start(self, run_id: UUID | str, *, idempotency_key: str | None = None) -> Accepted:
        """Start a run.

        Begin a run that is `pending`, in the background; 409 when it is not.

        Watch `analysis.batch_completed` and `analysis.run_completed` on the WebSocket, or look at
        `status_url`.

        Args:
            idempotency_key: A key of your own making, so that the server does it once even if you ask again
                within a day.
        """
        return self._ask(
            "POST",
            f"/api/v1/runs/{segment(run_id)}/start",
            Accepted,
            headers={"Idempotency-Key": idempotency_key},
            once=True,
        )

    def trace(self, run_id: UUID | str) -> TraceLink:
        """Find a chain's trace.

        Where to see all that one chain did, service by service, from the request to the last write.

        `run_id` is that of any chain: a webhook's update, an import, an extraction, an analysis run, an
        experiment. The trace's id is the run_id itself, so nothing is looked up: a chain that never was, or
        that the tracing system no longer keeps, has a link too.
        """
        return self._ask("GET", f"/api/v1/runs/{segment(run_id)}/trace", TraceLink)
