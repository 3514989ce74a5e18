"""The settings of services that call language models, and what they bind at their start."""

from shared.llm import bind_llm, close_llm
from shared.service.closing import close_at_end
from shared.service.settings import ServiceSettings


class LlmSettings(ServiceSettings, frozen=True, kw_only=True):
    """What a service that calls language models is told beside what every service is.

    Attributes:
        encryption_keys: Fernet keys that open providers' API keys, the newest first, separated by commas; the
            same in every service that calls providers. Only `local` works without.
        local_embeddings_url: The OpenAI-compatible address of the installation's own embedding server, with
            `/v1`.
    """

    encryption_keys: str = ""
    local_embeddings_url: str = "http://127.0.0.1:8000/v1"


def bind_language_models(settings: LlmSettings) -> None:
    """Say which keys and servers this process uses; for `worker.py`, after the settings were read.

    Raises:
        SealedKeyError: When an encryption key is none.
    """
    bind_llm(
        encryption_keys=settings.encryption_keys,
        local_embeddings_url=settings.local_embeddings_url,
        nats_url=settings.nats_url,
        namespace=settings.namespace,
    )
    close_at_end(close_llm)
