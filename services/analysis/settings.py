"""The settings of analysis."""

from typing import Annotated

from msgspec import Meta

from shared.service.llm_settings import LlmSettings


class AnalysisSettings(LlmSettings, frozen=True, kw_only=True):
    """What analysis is told beside what every service that calls language models is.

    Attributes:
        usage_kept_days: How long calls are kept in the accounts.
        reseal_every: Seconds between two looks whether keys are sealed with the newest encryption key.
        waiting_every: Seconds between two looks for providers whose validation was lost or never asked for.
    """

    usage_kept_days: Annotated[int, Meta(ge=1, le=3650)] = 400
    reseal_every: Annotated[float, Meta(ge=1)] = 86_400.0
    waiting_every: Annotated[float, Meta(ge=1)] = 300.0
