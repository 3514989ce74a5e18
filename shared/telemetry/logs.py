"""Logs: JSON for machines, one coloured line for people, each with the run_id that it belongs to.

An error's text is shortened, and what people wrote taken out of it, as `shared.telemetry.tracebacks` has it.
"""

import inspect
import logging
import sys
from typing import TYPE_CHECKING, Any, Literal

import msgspec
from loguru import logger
from opentelemetry import trace

from shared.telemetry.runs import current_run_id
from shared.telemetry.tracebacks import format_error

if TYPE_CHECKING:
    from loguru import Message, Record

LogFormat = Literal["pretty", "json"]

_QUIET = (
    "nats",
    "uvicorn.access",
    "httpx",
    "httpx2",
    "httpcore",
    "httpcore2",
    "openai",
    "asyncio",
    "alembic",
)
_PRETTY = (
    "{time:HH:mm:ss.SSS} <level>{level: <7}</level> {message}<dim>{extra[_trailer]}</dim>{extra[_below]}"
)


def setup_logs(service: str, *, log_format: LogFormat = "json", level: str = "INFO") -> None:
    """Send every log line of the process, the standard library's included, to stderr in one form.

    Args:
        service: Stands on each JSON line.
        log_format: `json` (one object a line) or `pretty`.
        level: The lowest level that is shown.
    """
    logger.remove()
    logger.configure(patcher=_complete, extra={"service": service})
    if log_format == "json":
        logger.add(_write_json, level=level, format="")
    else:
        logger.add(sys.stderr, level=level, format=_PRETTY)
    logging.basicConfig(handlers=[_ToLoguru()], level=logging.INFO, force=True)
    for name in _QUIET:
        logging.getLogger(name).setLevel(logging.WARNING)


def _complete(record: "Record") -> None:
    """Add the chain that a line belongs to, and put an error into our own words."""
    extra = record["extra"]
    run_id = current_run_id()
    if run_id is not None:
        extra["run_id"] = str(run_id)
    span = trace.get_current_span().get_span_context()
    if span.is_valid:
        extra["trace_id"] = f"{span.trace_id:032x}"
        extra["span_id"] = f"{span.span_id:016x}"
    shown = {name: value for name, value in extra.items() if name in ("run_id", "job_id", "message_id")}
    extra["_trailer"] = "".join(f"  {name}={value}" for name, value in shown.items())
    failed = record["exception"]
    if failed is not None and failed.value is not None:
        extra["exception"] = format_error(failed.value)
    # What the library would add by itself has the rows that a database did not take.
    record["exception"] = None
    extra["_below"] = f"\n{extra['exception']}" if "exception" in extra else ""


def _write_json(message: "Message") -> None:
    record = message.record
    line: dict[str, Any] = {
        "at": record["time"].isoformat(timespec="milliseconds"),
        "level": record["level"].name,
        "message": record["message"],
        "logger": record["name"],
    }
    line.update({name: value for name, value in record["extra"].items() if not name.startswith("_")})
    sys.stderr.write(msgspec.json.encode(line, enc_hook=str).decode() + "\n")


class _ToLoguru(logging.Handler):
    """Passes records of the standard library's logging on to loguru, with the caller's place."""

    def emit(self, record: logging.LogRecord) -> None:
        try:
            level: str | int = logger.level(record.levelname).name
        except ValueError:
            level = record.levelno
        frame, depth = inspect.currentframe(), 0
        while frame is not None and (depth == 0 or frame.f_code.co_filename == logging.__file__):
            frame, depth = frame.f_back, depth + 1
        logger.opt(depth=depth, exception=record.exc_info).log(level, "{}", record.getMessage())
