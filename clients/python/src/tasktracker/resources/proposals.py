"""Proposals of the API, by `client.proposals`."""

from collections.abc import Iterator, Sequence
from typing import Literal
from uuid import UUID

from msgspec import UNSET, UnsetType

from tasktracker.records.common import ProposalPage, ProposalRecord
from tasktracker.records.proposals import (
    BulkReview,
    GoldLabel,
    GoldLabelPage,
    ProposalChange,
    ProposalChangePage,
)
from tasktracker.resource import Resource, changed, every, given, segment


class Proposals(Resource):
    """Tasks that runs propose, and what people decide about them."""

    def list(
        self,
        *,
        run_id: UUID | str | None = None,
        project_id: UUID | str | None = None,
        status: Literal["pending", "approved", "rejected", "merged"] | None = None,
        category: Literal["bug", "feature", "improvement", "question", "docs", "chore"] | None = None,
        priority: Literal["low", "medium", "high", "critical"] | None = None,
        novelty: Literal["new", "duplicate_of", "update_of"] | None = None,
        min_confidence: float | None = None,
        cursor: str | None = None,
        limit: int | None = None,
    ) -> ProposalPage:
        """List proposals.

        Proposals, newest first, those of one batch in the order in which they were made.

        A page ends before it has more than half a mebibyte, so it may have fewer than `limit`.

        Args:
            run_id: Only proposals of this run.
            project_id: Only proposals of this project.
            status: Only proposals that stand so.
            category: Only proposals of this kind.
            priority: Only proposals this urgent.
            novelty: Only proposals that are new, or that repeat or add to one.
            min_confidence: Only proposals at least this sure, 0 to 1.
            cursor: `next_cursor` of the page before; absent for the first.
            limit: Items a page at the most.
        """
        return self._ask(
            "GET",
            "/api/v1/proposals",
            ProposalPage,
            query={
                "run_id": run_id,
                "project_id": project_id,
                "status": status,
                "category": category,
                "priority": priority,
                "novelty": novelty,
                "min_confidence": min_confidence,
                "cursor": cursor,
                "limit": limit,
            },
        )

    def iterate(
        self,
        *,
        run_id: UUID | str | None = None,
        project_id: UUID | str | None = None,
        status: Literal["pending", "approved", "rejected", "merged"] | None = None,
        category: Literal["bug", "feature", "improvement", "question", "docs", "chore"] | None = None,
        priority: Literal["low", "medium", "high", "critical"] | None = None,
        novelty: Literal["new", "duplicate_of", "update_of"] | None = None,
        min_confidence: float | None = None,
        limit: int | None = None,
    ) -> Iterator[ProposalRecord]:
        """All items of `list`, page after page, each page asked for when it is needed."""
        return every(
            lambda cursor: self.list(
                run_id=run_id,
                project_id=project_id,
                status=status,
                category=category,
                priority=priority,
                novelty=novelty,
                min_confidence=min_confidence,
                limit=limit,
                cursor=cursor,
            )
        )

    def review_many(
        self,
        *,
        ids: Sequence[UUID | str],
        decision: Literal["approve", "reject"],
        reason: str | None = None,
        idempotency_key: str | None = None,
    ) -> BulkReview:
        """Review many proposals.

        Approve or reject many proposals. One that cannot be stops no other, and says why in `error`.

        Args:
            idempotency_key: A key of your own making, so that the server does it once even if you ask again
                within a day.
        """
        return self._ask(
            "POST",
            "/api/v1/proposals/bulk",
            BulkReview,
            body=given({"ids": ids, "decision": decision, "reason": reason}),
            headers={"Idempotency-Key": idempotency_key},
            once=True,
        )

    def gold_labels(
        self, *, project_id: UUID | str | None = None, cursor: str | None = None, limit: int | None = None
    ) -> GoldLabelPage:
        """List gold labels.

        What people decided about proposals, with the model and prompt that made them; to measure others by.

        Args:
            project_id: Only proposals of this project.
            cursor: `next_cursor` of the page before; absent for the first.
            limit: Items a page at the most.
        """
        return self._ask(
            "GET",
            "/api/v1/proposals/gold-labels",
            GoldLabelPage,
            query={"project_id": project_id, "cursor": cursor, "limit": limit},
        )

    def iterate_gold_labels(
        self, *, project_id: UUID | str | None = None, limit: int | None = None
    ) -> Iterator[GoldLabel]:
        """All items of `gold_labels`, page after page, each page asked for when it is needed."""
        return every(lambda cursor: self.gold_labels(project_id=project_id, limit=limit, cursor=cursor))

    def get(self, proposal_id: UUID | str) -> ProposalRecord:
        """Get a proposal.

        One proposal, with the words that prove it.
        """
        return self._ask("GET", f"/api/v1/proposals/{segment(proposal_id)}", ProposalRecord)

    def change(
        self,
        proposal_id: UUID | str,
        *,
        version: int | UnsetType | None = UNSET,
        title: str | UnsetType = UNSET,
        description: str | UnsetType = UNSET,
        category: Literal["bug", "feature", "improvement", "question", "docs", "chore"] | UnsetType = UNSET,
        priority: Literal["low", "medium", "high", "critical"] | UnsetType = UNSET,
        tags: Sequence[str] | UnsetType = UNSET,
        sub_tasks: Sequence[str] | UnsetType = UNSET,
        if_match: str | None = None,
    ) -> ProposalRecord:
        """Edit a proposal.

        Change what is given of a proposal that waits; what it quotes cannot be changed.

        409 once it is decided, with who decided what, or when `version` is given and it was changed since.

        Args:
            version: The version that the change was made on; 409 when there is a later one.
            if_match: The `etag` of the record that you saw: when there is a later one, PreconditionFailed
                is raised.
        """
        return self._ask(
            "PATCH",
            f"/api/v1/proposals/{segment(proposal_id)}",
            ProposalRecord,
            body=changed(
                {
                    "version": version,
                    "title": title,
                    "description": description,
                    "category": category,
                    "priority": priority,
                    "tags": tags,
                    "sub_tasks": sub_tasks,
                }
            ),
            headers={"If-Match": if_match},
        )

    def approve(
        self, proposal_id: UUID | str, *, reason: str | None = None, idempotency_key: str | None = None
    ) -> ProposalRecord:
        """Approve a proposal.

        Approve a proposal; once more is harmless. 409 when it was decided otherwise, with by whom and when.

        Args:
            idempotency_key: A key of your own making, so that the server does it once even if you ask again
                within a day.
        """
        return self._ask(
            "POST",
            f"/api/v1/proposals/{segment(proposal_id)}/approve",
            ProposalRecord,
            body=given({"reason": reason}) or None,
            headers={"Idempotency-Key": idempotency_key},
            once=True,
        )

    def changes(
        self, proposal_id: UUID | str, *, cursor: str | None = None, limit: int | None = None
    ) -> ProposalChangePage:
        """List a proposal's changes.

        Who changed and decided what, when and why; `reverts` names the entry that was taken back.

        Args:
            cursor: `next_cursor` of the page before; absent for the first.
            limit: Items a page at the most.
        """
        return self._ask(
            "GET",
            f"/api/v1/proposals/{segment(proposal_id)}/changes",
            ProposalChangePage,
            query={"cursor": cursor, "limit": limit},
        )

    def iterate_changes(
        self, proposal_id: UUID | str, *, limit: int | None = None
    ) -> Iterator[ProposalChange]:
        """All items of `changes`, page after page, each page asked for when it is needed."""
        return every(lambda cursor: self.changes(proposal_id, limit=limit, cursor=cursor))

    def merge(
        self,
        proposal_id: UUID | str,
        into: UUID | str,
        *,
        reason: str | None = None,
        idempotency_key: str | None = None,
    ) -> ProposalRecord:
        """Merge a proposal into another.

        Say that this proposal is the same as another of its project, which takes its quotes, atoms and
        tags.

        Title, description and the like of the other one stay. It may be of an earlier run. 409 when this
        one is decided or has taken others over, or when the other one was rejected or merged away.

        Args:
            idempotency_key: A key of your own making, so that the server does it once even if you ask again
                within a day.
        """
        return self._ask(
            "POST",
            f"/api/v1/proposals/{segment(proposal_id)}/merge",
            ProposalRecord,
            body=given({"into": into, "reason": reason}),
            headers={"Idempotency-Key": idempotency_key},
            once=True,
        )

    def reject(
        self, proposal_id: UUID | str, *, reason: str | None = None, idempotency_key: str | None = None
    ) -> ProposalRecord:
        """Reject a proposal.

        Reject a proposal; once more is harmless. 409 when it was decided otherwise, with by whom and when.

        Args:
            idempotency_key: A key of your own making, so that the server does it once even if you ask again
                within a day.
        """
        return self._ask(
            "POST",
            f"/api/v1/proposals/{segment(proposal_id)}/reject",
            ProposalRecord,
            body=given({"reason": reason}) or None,
            headers={"Idempotency-Key": idempotency_key},
            once=True,
        )

    def revert(
        self, proposal_id: UUID | str, *, reason: str | None = None, idempotency_key: str | None = None
    ) -> ProposalRecord:
        """Take a decision back.

        Take the last decision back, so that the proposal waits again; 409 when there is none.

        A merge gives back what the other one took over. 409 also once the run is closed.

        Args:
            idempotency_key: A key of your own making, so that the server does it once even if you ask again
                within a day.
        """
        return self._ask(
            "POST",
            f"/api/v1/proposals/{segment(proposal_id)}/revert",
            ProposalRecord,
            body=given({"reason": reason}) or None,
            headers={"Idempotency-Key": idempotency_key},
            once=True,
        )
