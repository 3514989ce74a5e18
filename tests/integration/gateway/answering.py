"""A small ingestion and scoring that answer the real queries from memory, over the real protocol."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from uuid import UUID

import msgspec

from shared.contracts.errors import QueryError, not_found
from shared.contracts.ingestion import (
    AuthorRecord,
    CancelJob,
    ChatRecord,
    CreateImportJob,
    GetJob,
    GetMessages,
    GetMessageVersions,
    JobPage,
    JobRecord,
    ListChats,
    ListJobs,
    ListMessages,
    MessagePage,
    MessageRecord,
    MessageVersionRecord,
)
from shared.contracts.scoring import (
    GetScores,
    GetScoringStats,
    GiveFeedback,
    ListScored,
    MessageClass,
    ScoredPage,
    ScoreRecord,
    ScoringRunRecord,
    ScoringStats,
    StartScoringRun,
)
from shared.messaging.queries import Handler
from tests.integration.gateway.answering_analysis import Analysis
from tests.integration.gateway.answering_embedding import Embedding
from tests.integration.gateway.answering_experiments import Experiments
from tests.integration.gateway.answering_history import History
from tests.integration.gateway.answering_knowledge import Knowledge
from tests.integration.gateway.answering_projects import Projects
from tests.integration.gateway.answering_proposals import Proposals
from tests.integration.gateway.answering_runs import Runs
from tests.integration.gateway.answering_telegram import Bot

BEGAN = datetime(2026, 3, 1, 8, tzinfo=UTC)
CHATS = [
    ChatRecord(id=1, ids=[1, 7], telegram_id=-1001, type="supergroup", title="Backend"),
    ChatRecord(id=2, ids=[2], telegram_id=-1002, type="supergroup", title="Дизайн"),
]


def a_message(number: int, *, kind: str = "text", text: str | None = None) -> MessageRecord:
    return MessageRecord(
        id=number,
        chat=CHATS[number % 2],
        telegram_message_id=number * 10,
        author=AuthorRecord(user_id=number % 3 + 1, chat_id=None, name=f"Автор {number % 3}"),
        kind=kind,
        text=text or f"Повідомлення {number}",
        has_text=kind == "text",
        content_hash=f"{number:08x}",
        sent_at=BEGAN + timedelta(minutes=number),
    )


def a_score(number: int, score: float) -> ScoreRecord:
    message_class: MessageClass = "signal" if score >= 0.7 else "weak_signal" if score >= 0.3 else "noise"
    return ScoreRecord(
        message_id=number,
        importance_score=score,
        message_class=message_class,
        scored_class=message_class,
        noise_factors={"content": {"value": score, "weight": 1.0, "contribution": score}},
        scorer_version="1",
        scored_at=BEGAN,
    )


@dataclass
class Services:
    """What the answers are made of, and which queries came."""

    messages: dict[int, MessageRecord] = field(default_factory=dict)
    scores: dict[int, ScoreRecord] = field(default_factory=dict)
    jobs: dict[UUID, JobRecord] = field(default_factory=dict)
    asked: list[object] = field(default_factory=list)
    analysis: Analysis = field(default_factory=Analysis)
    embedding: Embedding = field(default_factory=Embedding)
    knowledge: Knowledge = field(default_factory=Knowledge)
    projects: Projects = field(default_factory=Projects)
    runs: Runs = field(default_factory=Runs)
    experiments: Experiments = field(default_factory=Experiments)
    proposals: Proposals = field(default_factory=Proposals)
    telegram: Bot = field(default_factory=Bot)
    history: History = field(default_factory=History)
    scoring_is_down: bool = False
    refusal: QueryError | None = None

    def fill(self, count: int = 20) -> None:
        """Messages 1 to `count`: every third a photo, scores that rise from 0 to 1."""
        for number in range(1, count + 1):
            self.messages[number] = a_message(number, kind="photo" if number % 3 == 0 else "text")
            self.scores[number] = a_score(number, number / count)

    def handlers(self) -> dict[str, Handler]:
        found: dict[type, Handler] = {
            CreateImportJob: self.create_job,
            GetJob: self.get_job,
            ListJobs: self.list_jobs,
            CancelJob: self.cancel_job,
            GetMessages: self.get_messages,
            ListMessages: self.list_messages,
            GetMessageVersions: self.get_versions,
            ListChats: self.list_chats,
            GetScores: self.get_scores,
            ListScored: self.list_scored,
            GetScoringStats: self.get_stats,
            StartScoringRun: self.start_run,
            GiveFeedback: self.give_feedback,
            **self.analysis.handlers(),
            **self.embedding.handlers(),
            **self.knowledge.handlers(),
            **self.projects.handlers(),
            **self.runs.handlers(),
            **self.experiments.handlers(),
            **self.proposals.handlers(),
            **self.telegram.handlers(),
            **self.history.handlers(),
        }
        return {query.subject: self._noting(handler) for query, handler in found.items()}  # type: ignore[attr-defined]

    def _noting(self, handler: Handler) -> Handler:
        async def note(query: object) -> object:
            self.asked.append(query)
            return await handler(query)

        return note

    def asked_for(self, kind: type) -> list[object]:
        return [query for query in self.asked if isinstance(query, kind)]

    async def create_job(self, query: CreateImportJob) -> JobRecord:
        if self.refusal is not None:
            raise self.refusal
        job = JobRecord(
            id=query.job_id,
            kind="export",
            status="pending",
            source_name=query.source_name,
            created_at=BEGAN + timedelta(seconds=len(self.jobs)),
        )
        return self.jobs.setdefault(query.job_id, job)

    async def get_job(self, query: GetJob) -> JobRecord:
        if query.job_id not in self.jobs:
            raise not_found(f"job {query.job_id}")
        return self.jobs[query.job_id]

    async def list_jobs(self, query: ListJobs) -> JobPage:
        found = [job for job in self.jobs.values() if query.status in (None, job.status)]
        found.sort(key=lambda job: job.created_at, reverse=True)
        return JobPage(items=found[: query.limit])

    async def cancel_job(self, query: CancelJob) -> JobRecord:
        job = await self.get_job(GetJob(job_id=query.job_id))
        if job.status == "completed":
            raise QueryError("conflict", f"Job {job.id} has ended already: it is completed.")
        self.jobs[job.id] = msgspec.structs.replace(job, status="cancelled")
        return self.jobs[job.id]

    async def get_messages(self, query: GetMessages) -> list[MessageRecord]:
        return [self.messages[number] for number in sorted(query.message_ids) if number in self.messages]

    async def list_messages(self, query: ListMessages) -> MessagePage:
        if query.cursor is not None and not query.cursor.isdigit():
            raise QueryError("invalid", "The cursor is of no list of messages.", field="cursor")
        before = int(query.cursor) if query.cursor else 10**9
        found = [
            message
            for number, message in sorted(self.messages.items(), reverse=True)
            if number < before
            and query.kind in (None, message.kind)
            and query.chat_id in (None, *message.chat.ids)
            and (query.since is None or message.sent_at >= query.since)
            and (query.until is None or message.sent_at < query.until)
        ]
        page = found[: query.limit]
        return MessagePage(items=page, next_cursor=str(page[-1].id) if len(found) > query.limit else None)

    async def get_versions(self, query: GetMessageVersions) -> list[MessageVersionRecord]:
        if query.message_id not in self.messages:
            raise not_found(f"message {query.message_id}")
        return [
            MessageVersionRecord(version=1, text="a", content_hash="a", written_at=BEGAN, is_current=True)
        ]

    async def list_chats(self, _: ListChats) -> list[ChatRecord]:
        return CHATS

    async def get_scores(self, query: GetScores) -> list[ScoreRecord]:
        self._check_scoring()
        return [self.scores[number] for number in sorted(query.message_ids) if number in self.scores]

    async def list_scored(self, query: ListScored) -> ScoredPage:
        self._check_scoring()
        before = int(query.cursor) if query.cursor else 10**9
        found = [
            score
            for number, score in sorted(self.scores.items(), reverse=True)
            if number < before
            and query.message_class in (None, score.message_class)
            and score.importance_score >= (query.min_score or 0)
            and (query.chat_ids is None or self.messages[number].chat.id in query.chat_ids)
        ]
        page = found[: query.limit]
        return ScoredPage(
            items=page, next_cursor=str(page[-1].message_id) if len(found) > query.limit else None
        )

    async def get_stats(self, query: GetScoringStats) -> ScoringStats:
        self._check_scoring()
        found = [
            score
            for number, score in self.scores.items()
            if query.chat_ids is None or self.messages[number].chat.id in query.chat_ids
        ]
        by_class = {"noise": 0, "weak_signal": 0, "signal": 0}
        for score in found:
            by_class[score.message_class] += 1
        return ScoringStats(
            total=len(found), by_class=by_class, corrections=0, mean_score=0.5, scorer_version="1"
        )

    async def start_run(self, query: StartScoringRun) -> ScoringRunRecord:
        self._check_scoring()
        return ScoringRunRecord(run_id=query.run_id)

    async def give_feedback(self, query: GiveFeedback) -> ScoreRecord:
        score = self.scores[query.message_id]
        corrected = query.given_by if query.message_class else None
        self.scores[query.message_id] = msgspec.structs.replace(
            score, message_class=query.message_class or score.scored_class, corrected_by=corrected
        )
        return self.scores[query.message_id]

    def _check_scoring(self) -> None:
        if self.scoring_is_down:
            raise QueryError("unavailable", "The service scoring is not running.")
