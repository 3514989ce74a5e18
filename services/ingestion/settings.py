"""The settings of ingestion."""

from typing import Annotated

from msgspec import Meta

from shared.service import ServiceSettings


class IngestionSettings(ServiceSettings, frozen=True, kw_only=True):
    """What ingestion is told beside what every service is.

    Attributes:
        import_batch: Messages that an import saves in one transaction.
    """

    import_batch: Annotated[int, Meta(ge=1, le=500)] = 500
