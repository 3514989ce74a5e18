"""Actors: the functions that run commands, declared with `@actor(TheCommand)`.

The function's parameters are the command's fields. It runs within the chain that sent the command: its spans
and log lines carry the run_id.
"""

import asyncio
import inspect
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from types import ModuleType
from typing import Any

import dramatiq
import msgspec
from dramatiq.middleware import CurrentMessage
from loguru import logger

from dramatiq_nats import NatsBroker
from shared.contracts.base import Command
from shared.messaging.attempts import attempt_span
from shared.messaging.tasks import TaskRecord, TaskState, get_task, put_task
from shared.service.endings import Try
from shared.service.failures import FinalFailure, NotNow, UnreadableCommand, is_outage, will_retry
from shared.service.metrics import WAITS
from shared.telemetry import resume_run

Function = Callable[..., Awaitable[Any]]

_DEFAULT_TIME_LIMIT_S = 600


@dataclass(frozen=True, slots=True)
class Actor:
    """A command, the function that runs it, and how.

    Attributes:
        time_limit: Seconds after which a run is interrupted and tried again.
        options: Further options of Dramatiq's actor.
    """

    command: type[Command]
    function: Function
    time_limit: float
    options: dict[str, Any] = field(default_factory=dict)

    async def __call__(self, **fields: Any) -> Any:
        """Run the function itself, without a broker."""
        return await self.function(**fields)


def actor(
    command: type[Command], *, time_limit: float = _DEFAULT_TIME_LIMIT_S, **options: Any
) -> Callable[[Function], Actor]:
    """Declare the function that runs a command.

    Args:
        command: The contract; its fields are the function's parameters.
        time_limit: Seconds after which a run is interrupted and tried again.
        options: Further options of Dramatiq's actor.

    Raises:
        TypeError: When the parameters are not the command's fields, or the name is not its actor's.
    """

    def declare(function: Function) -> Actor:
        name = getattr(function, "__name__", "")
        parameters = set(inspect.signature(function).parameters)
        if parameters != set(command.__struct_fields__) or name != command.actor_name:
            raise TypeError(
                f"{name} must be called {command.actor_name} and take {command.__struct_fields__}"
            )
        return Actor(command, function, time_limit, options)

    return declare


def actors_in(module: ModuleType) -> list[Actor]:
    """The actors that a module declares."""
    return [value for value in vars(module).values() if isinstance(value, Actor)]


def declare_on(broker: NatsBroker, declared: Actor) -> None:
    """Make a declared actor known to a broker."""

    async def run(**kwargs: Any) -> Any:
        message = CurrentMessage.get_current_message()
        if message is None:
            raise RuntimeError("an actor runs only within a worker")
        return await _run(declared, message, kwargs)

    run.__doc__ = declared.function.__doc__
    declare = dramatiq.actor(
        actor_name=declared.command.actor_name,
        queue_name=declared.command.queue_name,
        broker=broker,
        time_limit=int(declared.time_limit * 1000),
        throws=UnreadableCommand,
        **declared.options,
    )
    declare(run)


async def _run(declared: Actor, message: "dramatiq.Message[Any]", kwargs: dict[str, Any]) -> Any:
    watched = message if message.options.get("tracked") else None
    with (
        resume_run(message.options.get("headers", {})) as parent,
        attempt_span(message, parent) as attempt,
        logger.contextualize(actor=message.actor_name, attempt=attempt.number, task_id=message.message_id),
    ):
        WAITS.labels(message.queue_name).observe(attempt.waited)
        await _note(watched, "running")
        ran = Try(message.actor_name, attempt.number)
        try:
            result = await declared.function(**_fields(declared.command, kwargs))
        except FinalFailure as failure:
            attempt.fail(failure, "failed")
            ran.end("failed", failure)
            await _note(watched, "failed", error=str(failure))
            return None
        except Exception as error:
            retries = int(message.options.get("retries", 0))
            state: TaskState = "retrying" if will_retry(retries, error) else "dead"
            ran.end(state, error)
            attempt.fail(error, state, is_error=not isinstance(error, NotNow))
            await _note(watched, state, error=f"{type(error).__name__}: {error}")
            if is_outage(error) and not isinstance(error, NotNow):
                raise NotNow(str(error)) from error
            raise
        except asyncio.CancelledError:
            ran.interrupt()
            raise
        ran.end("succeeded")
        attempt.end("succeeded")
        await _note(watched, "succeeded", result=result)
        return None


def _fields(command: type[Command], kwargs: dict[str, Any]) -> dict[str, Any]:
    try:
        decoded = msgspec.convert(kwargs, command)
    except msgspec.ValidationError as error:
        raise UnreadableCommand(f"{command.actor_name}: {error}") from error
    return {name: getattr(decoded, name) for name in command.__struct_fields__}


async def _note(
    message: "dramatiq.Message[Any] | None",
    state: TaskState,
    *,
    error: str | None = None,
    result: Any = None,
) -> None:
    """Keep the state of a task that somebody watches; None is a task that nobody does."""
    if message is None:
        return
    earlier = await get_task(message.message_id)
    await put_task(
        TaskRecord(
            task_id=message.message_id,
            actor=message.actor_name,
            queue=message.queue_name,
            state=state,
            attempts=int(message.options.get("retries", 0)) + 1,
            enqueued_at=earlier.enqueued_at if earlier else None,
            updated_at=datetime.now(UTC),
            error=error,
            result=msgspec.to_builtins(result),
        )
    )
