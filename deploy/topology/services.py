"""The table of the services: what each one says to the others, and what it hears from them.

What a service runs and answers needs no line: it runs every command of its queue, and answers every query of
its domain, as the contracts themselves say.
"""

from deploy.topology.service import AnyQuery, Service
from shared.contracts import (
    analysis,
    atoms,
    embedding,
    experiments,
    extraction,
    history,
    ingestion,
    knowledge,
    proposals,
    revisions,
    runs,
    scoring,
    tasks,
    telegram,
    topics,
)
from shared.contracts.base import COMMANDS, EVENTS, QUERIES

__all__ = ["SERVICES", "WORKERS", "Service"]


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
    sends=(scoring.ScoreUnscoredMessages, embedding.IndexMessages, extraction.ConsiderMessages),
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
        extraction.ExtractKnowledge,
        extraction.ReviewPending,
        revisions.ApplyRule,
        atoms.CheckCitations,
        embedding.EmbedAtomsBatch,
        embedding.EmbedTopicsBatch,
        analysis.RecordLlmCalls,
    ),
    publishes=(
        extraction.ExtractionStarted,
        extraction.ExtractionCompleted,
        extraction.ExtractionFailed,
        revisions.VersionCreated,
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
        atoms.GetAtoms,
        knowledge.GetKnowledgeTexts,
        atoms.GetQuotedAtoms,
        topics.ListLabels,
        topics.ListTopics,
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
        atoms.GetAtoms,
        knowledge.GetKnowledgeTexts,
        atoms.GetQuotedAtoms,
        analysis.ResolveAgent,
        analysis.GetProviderAccess,
    ),
    writes_stores=("uploads",),
    reads_stores=("avatars",),
)

SERVICES = (INGESTION, SCORING, EMBEDDING, KNOWLEDGE, ANALYSIS, GATEWAY)
WORKERS = tuple(service for service in SERVICES if service.is_worker)
