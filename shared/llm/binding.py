"""What a process is told of language models, once at its start. Opens nothing: workers fork afterwards."""

from dataclasses import dataclass

from shared.sealing import bind_keys


@dataclass(frozen=True, slots=True)
class Patience:
    """How long a provider is borne with.

    Attributes:
        attempts: Requests for one answer at the most.
        first_pause: Seconds before the second; each further pause is twice as long, all are jittered.
        longest_pause: Seconds; a server that asks for a longer one by `Retry-After` is not waited for.
        place: Seconds to wait for one of the provider's places.
        total: Seconds for one question or batch, everything included; longer when the provider's own
            `timeout_seconds` is, so that there is always time for one whole request.
    """

    attempts: int = 4
    first_pause: float = 0.5
    longest_pause: float = 30.0
    place: float = 60.0
    total: float = 300.0


@dataclass(frozen=True, slots=True)
class Binding:
    """What `bind_llm` was told."""

    local_embeddings_url: str
    nats_url: str
    namespace: str
    patience: Patience


_binding: Binding | None = None


def bind_llm(
    *,
    encryption_keys: str,
    local_embeddings_url: str,
    nats_url: str,
    namespace: str = "",
    patience: Patience | None = None,
) -> None:
    """Say with which keys API keys are opened, and where the servers are.

    Args:
        encryption_keys: As for `bind_keys`.
        local_embeddings_url: The OpenAI-compatible address of the installation's own embedding server.
        nats_url: Where the fleet counts the calls that run; several of one cluster are separated by commas.
        namespace: Keeps installations on one NATS server apart.
        patience: How long providers are borne with; the usual when None.

    Raises:
        SealedKeyError: When an encryption key is none.
    """
    global _binding  # noqa: PLW0603 - one binding a process, made at its start
    bind_keys(encryption_keys)
    _binding = Binding(local_embeddings_url, nats_url, namespace, patience or Patience())


def is_bound() -> bool:
    """Whether this process was told of language models."""
    return _binding is not None


def bound_llm() -> Binding:
    """What this process was told.

    Raises:
        RuntimeError: When it was not.
    """
    if _binding is None:
        raise RuntimeError("bind_llm must be called before a language model is used")
    return _binding
