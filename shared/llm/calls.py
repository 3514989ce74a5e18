"""Accounts: every call is counted, and told to analysis by a command from the asking service's own outbox."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID, uuid4

from loguru import logger
from sqlalchemy.exc import SQLAlchemyError

from shared.contracts.analysis import CallKind, LlmCall, ProviderRecord, RecordLlmCalls
from shared.database.engine import bound_schema
from shared.llm.metrics import CALLS, COST, FAILING, SECONDS, TOKENS
from shared.llm.texts import clean_text
from shared.llm.usage import Usage
from shared.messaging.transaction import Transaction, transaction
from shared.telemetry import current_run_id

_LONGEST_ERROR = 500


@dataclass(frozen=True, slots=True)
class Account:
    """On what a call goes: who is called, for which kind of thing, and for whom."""

    provider: ProviderRecord
    model: str
    kind: CallKind
    agent_id: UUID | None = None


def count_call(account: Account, task: str, usage: Usage, error: str | None = None) -> LlmCall:
    """Count a call in the metrics, and make the record of it."""
    provider = account.provider
    outcome = "cached" if usage.cached else "failed" if error else "ok"
    whose = provider.name, account.model, task
    CALLS.labels(*whose, outcome).inc()
    TOKENS.labels(*whose, "input").inc(usage.input_tokens)
    TOKENS.labels(*whose, "output").inc(usage.output_tokens)
    COST.labels(*whose).inc(usage.cost)
    if not usage.cached:
        SECONDS.labels(*whose).observe(usage.duration_ms / 1000)
        FAILING.labels(provider.name).set(outcome == "failed")
    return LlmCall(
        id=uuid4(),
        provider_id=provider.id,
        model=account.model,
        kind=account.kind,
        task=task,
        service=bound_schema(),
        run_id=current_run_id(),
        agent_id=account.agent_id,
        input_tokens=usage.input_tokens,
        output_tokens=usage.output_tokens,
        cost=usage.cost,
        duration_ms=usage.duration_ms,
        attempts=usage.attempts,
        cached=usage.cached,
        error=clean_text(error)[:_LONGEST_ERROR] if error else None,
        called_at=datetime.now(UTC),
    )


def send_calls(tx: Transaction, calls: Sequence[LlmCall]) -> None:
    """Tell analysis of calls when this commits."""
    if calls:
        tx.send(RecordLlmCalls(calls=list(calls)))


async def record_calls(calls: Sequence[LlmCall]) -> None:
    """Tell analysis of calls in a transaction of their own."""
    if calls:
        async with transaction() as tx:
            send_calls(tx, calls)


async def record_failure(call: LlmCall) -> None:
    """Tell analysis of a call that failed; should that fail too, the call's failure is what is heard of."""
    try:
        await record_calls([call])
    except (SQLAlchemyError, OSError, TimeoutError) as error:
        logger.warning("a failed call of {} could not be accounted for: {!r}", call.task, error)
