"""Making an experiment: its provider and model, its snapshot, and the command that begins it."""

from uuid import UUID

from services.analysis.experiments.gathering import gather
from services.analysis.experiments.labelled import Gathered
from services.analysis.repository.experiments import find_experiment, get_experiment, insert_experiment
from services.analysis.repository.providers import find_provider
from services.analysis.repository.snapshots import hold_snapshot, insert_snapshot
from services.analysis.settling import clean_line
from services.analysis.tables import LOCAL_PROVIDER
from shared.contracts.analysis import ProviderRecord
from shared.contracts.errors import QueryError
from shared.contracts.experiments import (
    CreateExperiment,
    ExecuteClassificationExperiment,
    ExperimentRecord,
)
from shared.llm.local import MODEL as BASIC_MODE
from shared.messaging.transaction import Transaction, transaction
from shared.telemetry import current_run_id, start_run


async def create(query: CreateExperiment) -> ExperimentRecord:
    """Make an experiment and begin it; the second time, say how it stands.

    Raises:
        QueryError: `invalid` with the field at fault; `conflict` when there is too little to measure;
            `unavailable` when knowledge or ingestion does not answer.
    """
    async with transaction() as tx:
        known = await find_experiment(tx, query.experiment_id)
        if known is not None:
            return known
        provider = await _provider(tx, query.provider_id)
    name, model = clean_line("name", query.name), _model(query.model, provider)
    gathered = None if query.snapshot_of else await gather(query.messages)
    async with transaction() as tx:
        snapshot = await _snapshot(tx, query, gathered)
        if snapshot is None:
            return await get_experiment(tx, query.experiment_id)
        snapshot_id, messages = snapshot
        is_new = await insert_experiment(
            tx,
            query.experiment_id,
            name=name,
            provider_id=provider.id,
            provider_name=provider.name,
            model=model,
            basic_mode=provider.basic_mode,
            language=query.language,
            max_cost=query.max_cost,
            snapshot_id=snapshot_id,
            messages_total=messages,
            created_by=query.created_by,
        )
        if is_new:
            send(tx, query.experiment_id)
        return await get_experiment(tx, query.experiment_id)


def send(tx: Transaction, experiment_id: UUID) -> None:
    """Have an experiment worked on, as the chain that has its id."""
    command = ExecuteClassificationExperiment(experiment_id=experiment_id)
    if current_run_id() == experiment_id:
        tx.send(command, task_id=str(experiment_id), tracked=True)
        return
    with start_run("classification experiment", experiment_id, lasting=True):
        tx.send(command, task_id=str(experiment_id), tracked=True)


async def _provider(tx: Transaction, provider_id: UUID | None) -> ProviderRecord:
    found = await find_provider(tx, provider_id or LOCAL_PROVIDER)
    if found is None:
        raise QueryError("invalid", f"There is no provider {provider_id}.", field="provider_id")
    return found.record


def _model(named: str | None, provider: ProviderRecord) -> str:
    if provider.basic_mode:
        if named is not None:
            raise QueryError(
                "invalid", f"{provider.name} works by rules, without a model: leave it out.", field="model"
            )
        return BASIC_MODE
    model = clean_line("model", named) if named is not None else provider.chat_model
    if model is None:
        raise QueryError(
            "invalid", f"The provider {provider.name} has no chat_model: name a model.", field="model"
        )
    return model


async def _snapshot(
    tx: Transaction, query: CreateExperiment, gathered: Gathered | None
) -> tuple[UUID, int] | None:
    """The snapshot to work on and how many messages it has; None when it is made already.

    One of an experiment's own has the experiment's id: of two who make it at once, one waits and finds it.
    """
    if gathered is not None:
        made = await insert_snapshot(tx, query.experiment_id, gathered)
        return (query.experiment_id, len(gathered.messages)) if made else None
    if query.snapshot_of is None:
        return None
    held = await hold_snapshot(tx, query.snapshot_of)
    if held is None:
        raise QueryError("invalid", f"There is no experiment {query.snapshot_of}.", field="snapshot_of")
    return held
