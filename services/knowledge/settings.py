"""The settings of knowledge."""

from datetime import timedelta
from typing import Annotated

from msgspec import Meta

from shared.service.llm_settings import LlmSettings

Count = Annotated[int, Meta(ge=1)]


class KnowledgeSettings(LlmSettings, frozen=True, kw_only=True):
    """What knowledge is told beside what every service that calls language models is.

    Attributes:
        threshold: Messages that must wait for an extraction to be set off.
        lookback_hours: Only messages sent within this time count; older ones are extracted by hand.
        batch: Messages of one extraction at the most.
        silence_minutes: A pause as long as this ends a conversation.
        settle_seconds: So long nothing new may have arrived before an extraction is set off, unless a whole
            batch waits: a burst is taken as the conversation that it is.
        open_extractions: As many that the threshold set off may be under way at the same time.
        extractions_at_once: As many a process works on at the same time, whoever set them off. Each may hold
            a database connection for as long as a model thinks.
        conversation_characters: Of one question at the most; a longer conversation is asked about in parts.
        review_every: Seconds between two looks at what waits and what is stuck.
        dead_after: Seconds without a sign of life after which an extraction counts as dead. One that has not
            begun yet has twelve times as long.
        pause_minutes: So long the threshold sets nothing off after a provider refused, was away or a cap was
            reached, unless the agent or its provider was changed.
        provider_tries: How often an extraction waits for a provider that is away before it fails.
        provider_pause: Seconds of the first wait; each further one is three times as long.
        answers_kept_days: So long an answer of a model is kept after it was used last, to be used again.
        most_failures: As often a message may be in an extraction that failed before it is set aside.
    """

    threshold: Count = 10
    lookback_hours: Annotated[float, Meta(gt=0)] = 24.0
    batch: Annotated[int, Meta(ge=1, le=200)] = 50
    silence_minutes: Annotated[float, Meta(gt=0)] = 30.0
    settle_seconds: Annotated[float, Meta(ge=0)] = 3.0
    open_extractions: Count = 4
    extractions_at_once: Count = 4
    conversation_characters: Annotated[int, Meta(ge=1000)] = 24_000
    review_every: Annotated[float, Meta(ge=1)] = 60.0
    dead_after: Annotated[float, Meta(ge=10)] = 300.0
    pause_minutes: Annotated[float, Meta(ge=0)] = 15.0
    provider_tries: Annotated[int, Meta(ge=0)] = 3
    provider_pause: Annotated[float, Meta(ge=0)] = 5.0
    answers_kept_days: Annotated[float, Meta(gt=0)] = 90.0
    most_failures: Count = 3

    @property
    def lookback(self) -> timedelta:
        """`lookback_hours` as a time."""
        return timedelta(hours=self.lookback_hours)

    @property
    def silence(self) -> timedelta:
        """`silence_minutes` as a time."""
        return timedelta(minutes=self.silence_minutes)

    @property
    def pause(self) -> timedelta:
        """`pause_minutes` as a time."""
        return timedelta(minutes=self.pause_minutes)
