"""Records of usage."""

from datetime import datetime
from uuid import UUID

from tasktracker.record import Record


class LlmCall(Record, frozen=True, kw_only=True):
    """One call of a provider, as it is accounted for.

    Attributes:
        id: Made by the caller: recording it twice counts once.
        kind: One of `chat`, `embedding`.
        task: What was asked, for example `extract_knowledge`.
        service: The caller's domain.
        run_id: The chain in which it was made.
        cost: US dollars, by the provider's prices at that time.
        duration_ms: From the first byte sent to the last received, retries included.
        cached: Answered from the cache: no tokens, no cost.
        error: Why it failed; None when it did not.
    """

    id: UUID
    provider_id: UUID
    model: str
    kind: str
    task: str
    service: str
    run_id: UUID | None = None
    agent_id: UUID | None = None
    input_tokens: int = 0
    output_tokens: int = 0
    cost: float = 0.0
    duration_ms: float = 0.0
    attempts: int = 1
    cached: bool = False
    error: str | None = None
    called_at: datetime


class LlmCallPage(Record, frozen=True, kw_only=True):
    """A page of calls, oldest first; `next_cursor` is None on the last page."""

    items: list[LlmCall]
    next_cursor: str | None = None


class UsageLine(Record, frozen=True, kw_only=True):
    """What the calls of one provider, model and task came to.

    Attributes:
        provider_name: None when the provider was deleted since.
        failed: Calls that ended with an error.
        cost: US dollars.
        mean_ms: Mean duration of those that were not answered from the cache; zero when all were.
    """

    provider_id: UUID
    provider_name: str | None = None
    model: str
    task: str
    calls: int
    cached: int
    failed: int
    input_tokens: int
    output_tokens: int
    cost: float
    mean_ms: float


class UsageItems(Record, frozen=True, kw_only=True):
    """What calls came to by provider, model and task, dearest first; `cost` is the sum, in US dollars."""

    items: list[UsageLine]
    cost: float
    next_cursor: str | None = None
