"""The settings of analysis."""

from typing import Annotated

from msgspec import Meta

from shared.service.llm_settings import LlmSettings


class AnalysisSettings(LlmSettings, frozen=True, kw_only=True):
    """What analysis is told beside what every service that calls language models is.

    Attributes:
        usage_kept_days: How long calls are kept in the accounts.
        answers_kept_days: So long an answer of a model is kept after it was used last, to be used again.
        reseal_every: Seconds between two looks whether keys are sealed with the newest encryption key.
        waiting_every: Seconds between two looks for providers whose validation was lost or never asked for.
        long_work_at_once: As many runs and experiments a process works on at the same time.
        dead_after: Seconds without a sign of life after which long work counts as forgotten by its worker.
        stuck_every: Seconds between two looks for such work, which is then sent again.
        provider_tries: How often long work waits for a provider that is away before it fails.
        provider_pause: Seconds of the first wait; each further one is three times as long.
    """

    usage_kept_days: Annotated[int, Meta(ge=1, le=3650)] = 400
    answers_kept_days: Annotated[float, Meta(gt=0)] = 90.0
    reseal_every: Annotated[float, Meta(ge=1)] = 86_400.0
    waiting_every: Annotated[float, Meta(ge=1)] = 300.0
    long_work_at_once: Annotated[int, Meta(ge=1)] = 3
    dead_after: Annotated[float, Meta(ge=10)] = 300.0
    stuck_every: Annotated[float, Meta(ge=1)] = 60.0
    provider_tries: Annotated[int, Meta(ge=0)] = 3
    provider_pause: Annotated[float, Meta(ge=0)] = 5.0
