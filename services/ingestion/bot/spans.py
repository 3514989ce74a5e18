"""Spans of calls of the Bot API: method, server, status; never an address, nor what is sent."""

from contextlib import AbstractContextManager
from typing import Final
from urllib.parse import urlsplit

from opentelemetry.trace import Span, SpanKind, Status, StatusCode
from opentelemetry.util.types import AttributeValue

from shared.telemetry import span_within

_OK: Final = 200


def call_span(what: str, verb: str, base_url: str) -> AbstractContextManager[Span]:
    """One request's span: of its address it has the server, never the path, where the token stands.

    Args:
        what: The method, or `the download`.
        verb: GET or POST.
        base_url: The server.
    """
    server = urlsplit(base_url)
    attributes: dict[str, AttributeValue] = {
        "http.request.method": verb,
        "server.address": server.hostname or "",
        "telegram.method": what,
    }
    if server.port:
        attributes["server.port"] = server.port
    return span_within(f"bot api {what}", SpanKind.CLIENT, attributes, doing=f"asking the Bot API for {what}")


def note_status(span: Span, status: int) -> None:
    """Say how the server answered."""
    span.set_attribute("http.response.status_code", status)
    if status != _OK:
        span.set_attribute("error.type", str(status))
        span.set_status(Status(StatusCode.ERROR, f"the Bot API answered with {status}"))
