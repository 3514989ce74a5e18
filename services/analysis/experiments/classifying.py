"""Classifying a few messages: by asking a model about each, or in basic mode by what is nearest."""

import asyncio
import time
from array import array
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from loguru import logger

from services.analysis.experiments.answers import (
    Classified,
    MessageToClassify,
    TopicOfMessage,
    numbered,
    read,
)
from services.analysis.experiments.labelled import LabelledMessage
from services.analysis.experiments.nearest import Vector, centred, mean_of, nearest, text_of
from services.analysis.experiments.running import Run
from services.analysis.repository.snapshots import first_texts
from shared.contracts.embedding import EmbeddedTexts, EmbedTexts
from shared.contracts.errors import QueryError, unavailable
from shared.contracts.experiments import ExperimentResult
from shared.llm import BadAnswerError, LlmError, PromptFolder, Question, SealedKeyError
from shared.llm.turns import NotMineError
from shared.messaging.queries import ask
from shared.messaging.transaction import transaction

TASK = "classify_message"
PROMPTS = PromptFolder(Path(__file__).parent.parent / "prompts")

_MOST_EMBEDDED = 32
_LONGEST_EMBEDDED = 2000
_PATIENCE = 60.0
_PATIENCE_GROWS = 3


@dataclass(frozen=True, slots=True)
class Attempt:
    """What came of a few messages.

    Attributes:
        error: Why some have no result; None when all have one.
    """

    results: list[ExperimentResult]
    error: BaseException | None = None


Classify = Callable[[Sequence[LabelledMessage]], Awaitable[Attempt]]


def classifier(run: Run) -> Classify:
    """How the messages of a run are classified."""
    return _ByNearest(run).classify if run.record.basic_mode else _ByModel(run).classify


class _ByModel:
    """Asks a model about each message, about as many at once as its provider may be asked."""

    def __init__(self, run: Run) -> None:
        self._run = run
        self._topics = numbered(run.record.topics)
        self._places = asyncio.Semaphore(run.turn.session.provider.max_concurrency)
        self._given_up: Exception | None = None

    async def classify(self, messages: Sequence[LabelledMessage]) -> Attempt:
        """Classify messages; what was answered before something went wrong is kept."""
        found = await asyncio.gather(*map(self._ask, messages), return_exceptions=True)
        errors = [each for each in found if isinstance(each, BaseException)]
        results = [each for each in found if isinstance(each, ExperimentResult)]
        return Attempt(results, next(iter(errors), None))

    async def _ask(self, message: LabelledMessage) -> ExperimentResult:
        data = MessageToClassify(topics=self._topics, message=message.text)
        async with self._places:
            if self._given_up is not None:
                raise self._given_up
            try:
                reply = await self._run.turn.put(Question(TASK, data, TopicOfMessage, PROMPTS))
            except BadAnswerError as error:
                return _result(message, Classified(None), error.usage.duration_ms, str(error))
            except (LlmError, SealedKeyError, NotMineError) as error:
                self._given_up = error
                raise
        return _result(message, read(reply.answer, self._run.record.topics), reply.usage.duration_ms)


@dataclass(slots=True)
class _ByNearest:
    """Looks for the nearest topic in the vector space that is searched at present.

    Attributes:
        space_id: The space; None before the first message.
        common: What all vectors have in common.
        topics: Ids with their vectors, centred.
    """

    run: Run
    space_id: int | None = None
    common: Vector = ()
    topics: list[tuple[int, Vector]] = field(default_factory=list)

    async def classify(self, messages: Sequence[LabelledMessage]) -> Attempt:
        """Classify messages."""
        if self.space_id is None:
            await self._prepare()
        began = time.perf_counter()
        vectors = await self._embed([message.text for message in messages])
        found = [nearest(centred(vector, self.common), self.topics) for vector in vectors]
        each_ms = (time.perf_counter() - began) * 1000 / len(messages)
        return Attempt(
            [
                _result(message, classified, each_ms)
                for message, classified in zip(messages, found, strict=True)
            ]
        )

    async def _prepare(self) -> None:
        topics = self.run.record.topics
        async with transaction() as tx:
            some = await first_texts(tx, self.run.record.snapshot_id, _MOST_EMBEDDED)
        vectors = await self._embed([*map(text_of, topics), *some])
        self.common = mean_of(vectors)
        self.topics = [
            (topic.id, centred(vector, self.common)) for topic, vector in zip(topics, vectors, strict=False)
        ]

    async def _embed(self, texts: Sequence[str]) -> list[Vector]:
        """Vectors of texts, all of one space.

        Raises:
            QueryError: `unavailable` when there are none to be had, or the space has just changed.
        """
        vectors: list[Vector] = []
        for start in range(0, len(texts), _MOST_EMBEDDED):
            part = [text[:_LONGEST_EMBEDDED] for text in texts[start : start + _MOST_EMBEDDED]]
            answer = await self._ask(part)
            if self.space_id not in (None, answer.space_id):
                raise unavailable("The vector space changed while the experiment was running.")
            self.space_id = answer.space_id
            vectors += [array("f", packed) for packed in answer.vectors]
        return vectors

    async def _ask(self, texts: list[str]) -> EmbeddedTexts:
        # As queries, what is short and of like form is compared best: E5's rule for symmetric tasks.
        query, patience = EmbedTexts(texts=texts, role="query"), self.run.turn.patience
        for pause in (patience.pause * _PATIENCE_GROWS**tried for tried in range(patience.tries)):
            await self.run.turn.say_alive()
            try:
                return await ask(query, timeout=_PATIENCE)
            except QueryError as error:
                if error.code != "unavailable":
                    raise
                logger.warning("vectors are asked for again in {:.0f} s: {}", pause, error)
                await asyncio.sleep(pause)
        return await ask(query, timeout=_PATIENCE)


def _result(
    message: LabelledMessage, classified: Classified, duration_ms: float, error: str | None = None
) -> ExperimentResult:
    return ExperimentResult(
        message_id=message.message_id,
        text=message.text,
        actual_id=message.topic_id,
        predicted_id=classified.topic_id,
        confidence=classified.confidence,
        alternatives=list(classified.alternatives),
        reasoning=classified.reasoning,
        duration_ms=duration_ms,
        error=error,
    )
