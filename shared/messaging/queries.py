"""Queries: request and reply over the NATS services API, with typed answers and typed errors."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from types import ModuleType
from typing import Any, TypeVar, get_type_hints

import msgspec
from loguru import logger
from nats.errors import Error as NatsError
from nats.errors import NoRespondersError
from nats.micro import add_service
from nats.micro.request import ERROR_CODE_HEADER, Request
from nats.micro.service import Service
from opentelemetry.trace import Span, SpanKind

from shared.contracts.base import QUERIES, Query
from shared.contracts.errors import ErrorBody, QueryError, unavailable
from shared.database.outages import is_away
from shared.messaging.connection import bound_namespace, connection
from shared.messaging.names import query_subject
from shared.messaging.spans import note_answer, query_span
from shared.telemetry import inject_headers, note_error, resume_run
from shared.telemetry.tracebacks import error_line

Answer = TypeVar("Answer")
Handler = Callable[[Any], Awaitable[Any]]

DEFAULT_TIMEOUT = 5.0
LARGEST_ANSWER = 1000 * 1024
_AT_ONCE = 32


async def ask(query: Query[Answer], *, timeout: float = DEFAULT_TIMEOUT) -> Answer:  # noqa: ASYNC109 - it travels to the client library
    """Ask a service and wait for its answer.

    Args:
        query: What to ask.
        timeout: Seconds to wait.

    Raises:
        QueryError: What the service answered, or `unavailable` when it did not answer in time.
    """
    subject = type(query).subject
    with query_span(subject, SpanKind.CLIENT) as span:
        client = await connection()
        try:
            reply = await client.request(
                query_subject(bound_namespace(), subject),
                msgspec.json.encode(query),
                timeout=timeout,
                headers=inject_headers() or None,
            )
        except NoRespondersError as error:
            raise unavailable(f"The service {subject.partition('.')[0]} is not running.") from error
        except (NatsError, TimeoutError, OSError) as error:
            domain = subject.partition(".")[0]
            raise unavailable(f"The service {domain} did not answer within {timeout:g} s.") from error
        if reply.headers and ERROR_CODE_HEADER in reply.headers:
            raise _as_error(reply.data)
        note_answer(span)
    answer: Answer = msgspec.json.decode(reply.data, type=type(query).answer_type)
    return answer


def handlers_in(*modules: ModuleType) -> dict[str, Handler]:
    """The query handlers of modules: their own public coroutine functions whose one argument is a `Query`.

    Raises:
        ValueError: When two of them answer the same query.
    """
    found: dict[str, Handler] = {}
    for module in modules:
        for name, value in vars(module).items():
            if name.startswith("_") or not asyncio.iscoroutinefunction(value):
                continue
            hints = [hint for argument, hint in get_type_hints(value).items() if argument != "return"]
            if value.__module__ == module.__name__ and len(hints) == 1 and hasattr(hints[0], "subject"):
                _add_handler(found, hints[0].subject, value)
    return found


def _add_handler(found: dict[str, Handler], subject: str, handler: Handler) -> None:
    first = found.setdefault(subject, handler)
    if first is not handler:
        answered_by = [f"{each.__module__}.{each.__qualname__}" for each in (first, handler)]
        raise ValueError(f"{subject} is answered twice: by {answered_by[0]} and by {answered_by[1]}")


async def serve(service: str, handlers: Mapping[str, Handler]) -> Service:
    """Answer queries until the returned service is stopped.

    Args:
        service: The service's name, as `nats micro ls` shows it.
        handlers: For each query's subject the coroutine function that answers it.
    """
    served = await add_service(await connection(), name=service, version="1.0.0")
    at_once = asyncio.Semaphore(_AT_ONCE)
    working: set[asyncio.Task[None]] = set()

    def done(task: asyncio.Task[None]) -> None:
        working.discard(task)
        at_once.release()

    def endpoint(subject: str, handler: Handler) -> Callable[[Request], Awaitable[None]]:
        decoder = msgspec.json.Decoder(QUERIES[subject])

        async def take(request: Request) -> None:
            # Answered beside the subscription, so that a slow query does not hold up the next one.
            await at_once.acquire()
            task = asyncio.create_task(_answer(request, subject, decoder, handler))
            working.add(task)
            task.add_done_callback(done)

        return take

    for subject, handler in handlers.items():
        await served.add_endpoint(
            name=subject.replace(".", "-"),
            subject=query_subject(bound_namespace(), subject),
            handler=endpoint(subject, handler),
        )
    return served


async def _answer(
    request: Request, subject: str, decoder: msgspec.json.Decoder[Query[Any]], handler: Handler
) -> None:
    with resume_run(request.headers or {}) as parent, query_span(subject, SpanKind.SERVER, parent) as span:
        try:
            payload = _encode_answer(await handler(decoder.decode(request.data)))
        except QueryError as error:
            note_error(span, error, f"answering {subject}")
            await _refuse(request, span, error.body)
        except msgspec.ValidationError as error:
            await _refuse(request, span, _as_invalid(error))
        except Exception as error:  # noqa: BLE001 - the asker must hear of it; the log has the rest
            note_error(span, error, f"answering {subject}")
            await _refuse(request, span, _unforeseen(subject, error))
        else:
            note_answer(span)
            await request.respond(payload)


def _encode_answer(answer: object) -> bytes:
    payload = msgspec.json.encode(answer)
    if len(payload) > LARGEST_ANSWER:
        raise QueryError("invalid", "The answer is too large; ask for fewer items.", field="limit")
    return payload


async def _refuse(request: Request, span: Span, body: ErrorBody) -> None:
    note_answer(span, body.code)
    await request.respond_error(body.code, body.message.splitlines()[0], msgspec.json.encode(body))


def _unforeseen(subject: str, error: Exception) -> ErrorBody:
    """What the asker is told of an error that no handler foresaw; of a defect, the log has the rest."""
    if is_away(error) and not isinstance(error, NatsError):
        logger.warning("query {} is not answered: {}", subject, error_line(error))
        service = subject.partition(".")[0]
        message = f"The service {service} has no answer from its database. Is Postgres running?"
    else:
        logger.opt(exception=error).error("query {} failed", subject)
        message = f"{subject} failed: {type(error).__name__}."
    return ErrorBody(code="unavailable", message=message)


def _as_invalid(error: msgspec.ValidationError) -> ErrorBody:
    message, _, path = str(error).partition(" - at `$")
    return ErrorBody(code="invalid", message=message, field=path.strip("`.") or None)


def _as_error(payload: bytes) -> QueryError:
    try:
        body = msgspec.json.decode(payload, type=ErrorBody)
    except msgspec.DecodeError:
        return unavailable("The service answered with an error of unknown form.")
    return QueryError(body.code, body.message, field=body.field, retry_after=body.retry_after)
