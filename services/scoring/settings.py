"""The settings of scoring."""

from typing import Annotated

from msgspec import Meta

from shared.service import ServiceSettings


class ScoringSettings(ServiceSettings, frozen=True, kw_only=True):
    """What scoring is told beside what every service is.

    Attributes:
        catch_up_every: Seconds between two searches for messages that were left without a score.
    """

    catch_up_every: Annotated[float, Meta(ge=1)] = 900.0
