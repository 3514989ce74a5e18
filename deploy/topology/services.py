"""The table of the services: what each one says to the others, and what it hears from them.

What a service runs and answers needs no line: it runs every command of its queue, and answers every query of
its domain, as the contracts themselves say.
"""

import pkgutil
from dataclasses import dataclass
from importlib import import_module
from typing import Any

import shared.contracts
from shared.contracts import (
    analysis,
    embedding,
    experiments,
    history,
    ingestion,
    knowledge,
    proposals,
    runs,
    scoring,
    tasks,
    telegram,
)
from shared.contracts.base import COMMANDS, EVENTS, QUERIES, Command, Event, Query

AnyQuery = type[Query[Any]]

# What "all" means below: the contracts of every module, whether this table names it or not.
for _module in pkgutil.iter_modules(shared.contracts.__path__):
    import_module(f"shared.contracts.{_module.name}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Service:
    """What one service has to do with the others.

    Attributes:
        name: The domain, which is also its queue, its database schema and its role.
        is_worker: Whether it takes work from a queue and answers queries; the gateway does neither.
        sends: The commands that it sends, to itself or to others.
        publishes: The events that it tells of.
        hears: The events that it acts on.
        asks: The queries that it asks others.
        calls_models: Whether it calls language models or embedding servers, and shares out their places.
        writes_stores: The object stores that it puts files into, or deletes them from.
        reads_stores: Those that it only reads.
    """

    name: str
    is_worker: bool = True
    sends: tuple[type[Command], ...]
    publishes: tuple[type[Event], ...]
    hears: tuple[type[Event], ...] = ()
    asks: tuple[AnyQuery, ...]
    calls_models: bool = False
    writes_stores: tuple[str, ...] = ()
    reads_stores: tuple[str, ...] = ()

    @property
    def runs(self) -> tuple[type[Command], ...]:
        """The commands of its queue."""
        return tuple(each for each in COMMANDS.values() if self.is_worker and each.queue_name == self.name)

    @property
    def answers(self) -> tuple[AnyQuery, ...]:
        """The queries of its domain."""
        return tuple(each for each in QUERIES.values() if self.is_worker and domain_of(each) == self.name)


def domain_of(query: AnyQuery) -> str:
    """The service that answers a query."""
    return query.subject.partition(".")[0]


def _all_but(*left_out: AnyQuery) -> tuple[AnyQuery, ...]:
    return tuple(each for each in QUERIES.values() if each not in left_out)


INGESTION = Service(
    name="ingestion",
    sends=(
        ingestion.SaveTelegramMessage,
        ingestion.IngestTelegramMessages,
        history.ResealTelegramSession,
        telegram.FetchAvatar,
        telegram.ResealBotToken,
        scoring.ScoreMessage,
        scoring.ScoreUnscoredMessages,
    ),
    publishes=(
        ingestion.MessageUpdated,
        ingestion.IngestionStarted,
        ingestion.IngestionProgress,
        ingestion.IngestionCompleted,
        ingestion.IngestionFailed,
        tasks.TaskDeadLettered,
    ),
    asks=(),
    writes_stores=("avatars", "uploads"),
)

SCORING = Service(
    name="scoring",
    sends=(scoring.ScoreUnscoredMessages, embedding.IndexMessages, knowledge.ConsiderMessages),
    publishes=(scoring.MessageScored, scoring.BatchScored, tasks.TaskDeadLettered),
    asks=(ingestion.GetTexts,),
)

EMBEDDING = Service(
    name="embedding",
    sends=(
        embedding.IndexMessages,
        embedding.EmbedMessagesBatch,
        embedding.EmbedAtomsBatch,
        embedding.EmbedTopicsBatch,
        embedding.EmbedMissing,
        embedding.BuildVectorSpace,
        embedding.ReviewVectorSpaces,
        analysis.RecordLlmCalls,
    ),
    publishes=(embedding.ReindexProgress, embedding.SpaceActivated, tasks.TaskDeadLettered),
    hears=(analysis.AgentChanged, analysis.ProviderChanged),
    asks=(
        ingestion.GetTexts,
        scoring.GetScores,
        knowledge.GetKnowledgeTexts,
        analysis.ResolveAgent,
        analysis.GetProviderAccess,
    ),
    calls_models=True,
)

KNOWLEDGE = Service(
    name="knowledge",
    sends=(
        knowledge.ExtractKnowledge,
        knowledge.ReviewPending,
        knowledge.ApplyRule,
        knowledge.CheckCitations,
        embedding.EmbedAtomsBatch,
        embedding.EmbedTopicsBatch,
        analysis.RecordLlmCalls,
    ),
    publishes=(
        knowledge.ExtractionStarted,
        knowledge.ExtractionCompleted,
        knowledge.ExtractionFailed,
        knowledge.VersionCreated,
        knowledge.EntityChanged,
        tasks.TaskDeadLettered,
    ),
    hears=(analysis.AgentChanged, analysis.ProviderChanged),
    asks=(
        ingestion.GetTexts,
        ingestion.GetMessages,
        ingestion.ListMessages,
        scoring.GetScores,
        embedding.EmbedTexts,
        embedding.FindNeighbours,
        analysis.ResolveAgent,
    ),
    calls_models=True,
)

ANALYSIS = Service(
    name="analysis",
    sends=(
        analysis.ValidateProvider,
        analysis.ValidateWaitingProviders,
        analysis.RecordLlmCalls,
        analysis.ResealProviderKeys,
        analysis.PurgeLlmUsage,
        experiments.ExecuteClassificationExperiment,
        experiments.WakeStuckExperiments,
        runs.ExecuteAnalysisRun,
        runs.WakeStuckRuns,
    ),
    publishes=(
        analysis.ProviderChanged,
        analysis.AgentChanged,
        experiments.ExperimentStarted,
        experiments.ExperimentProgress,
        experiments.ExperimentCompleted,
        experiments.ExperimentFailed,
        proposals.ProposalReviewed,
        runs.RunStarted,
        runs.BatchCompleted,
        runs.RunCompleted,
        runs.RunFailed,
        runs.RunClosed,
        tasks.TaskDeadLettered,
    ),
    asks=(
        ingestion.GetTexts,
        ingestion.GetMessages,
        ingestion.ListChats,
        ingestion.ListWindow,
        ingestion.MeasureWindow,
        scoring.GetScores,
        embedding.EmbedTexts,
        embedding.FindNeighbours,
        knowledge.GetAtoms,
        knowledge.GetKnowledgeTexts,
        knowledge.GetQuotedAtoms,
        knowledge.ListLabels,
        knowledge.ListTopics,
    ),
    calls_models=True,
)

GATEWAY = Service(
    name="gateway",
    is_worker=False,
    # Telegram's updates, and any task that an admin starts, or a dead letter that is to be tried again.
    sends=tuple(COMMANDS.values()),
    publishes=(tasks.TaskRequeued,),
    # For those whom it lets in: `GET /events` and the WebSockets.
    hears=tuple(EVENTS.values()),
    # All that the API offers; the rest is the services' own talk, keys of providers among it.
    asks=_all_but(
        ingestion.GetTexts,
        ingestion.ListWindow,
        ingestion.MeasureWindow,
        embedding.EmbedTexts,
        embedding.FindNeighbours,
        knowledge.GetAtoms,
        knowledge.GetKnowledgeTexts,
        knowledge.GetQuotedAtoms,
        analysis.ResolveAgent,
        analysis.GetProviderAccess,
    ),
    writes_stores=("uploads",),
    reads_stores=("avatars",),
)

SERVICES = (INGESTION, SCORING, EMBEDDING, KNOWLEDGE, ANALYSIS, GATEWAY)
WORKERS = tuple(service for service in SERVICES if service.is_worker)
