"""A run's own chain: all that is sent and told of a run has its id as run_id and as trace id."""

from collections.abc import Iterator
from contextlib import contextmanager
from uuid import UUID

from shared.contracts.runs import ExecuteAnalysisRun
from shared.messaging.transaction import Transaction
from shared.telemetry import current_run_id, start_run


@contextmanager
def chain_of(run_id: UUID) -> Iterator[None]:
    """Be a part of a run's chain within, wherever one comes from."""
    if current_run_id() == run_id:
        yield
    else:
        with start_run("analysis run", run_id, lasting=True):
            yield


def send(tx: Transaction, run_id: UUID) -> None:
    """Have a run worked on."""
    with chain_of(run_id):
        tx.send(ExecuteAnalysisRun(run_id=run_id), task_id=str(run_id), tracked=True)
