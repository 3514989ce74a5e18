"""Spans of calls, by OpenTelemetry's conventions for generative AI. No prompt, no answer, no key is on them.

https://opentelemetry.io/docs/specs/semconv/gen-ai/gen-ai-spans/
"""

from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit

from opentelemetry.trace import Span, SpanKind, Status, StatusCode
from opentelemetry.util.types import AttributeValue

from shared.contracts.analysis import ProviderRecord
from shared.llm.usage import Usage
from shared.telemetry import tracer


@contextmanager
def chat_span(
    provider: ProviderRecord, model: str, task: str, request: dict[str, AttributeValue] | None = None
) -> Iterator[Span]:
    """One answer, its retries included.

    Args:
        provider: Who is asked.
        model: Which of its models.
        task: What for.
        request: Parameters of the request, for example `{"temperature": 0.0}`.
    """
    attributes = {f"gen_ai.request.{name}": value for name, value in (request or {}).items()}
    with _span("chat", provider, model, task, attributes | {"gen_ai.output.type": "json"}) as span:
        yield span


@contextmanager
def embeddings_span(provider: ProviderRecord, model: str, task: str, texts: int) -> Iterator[Span]:
    """Vectors of texts, their retries included."""
    with _span("embeddings", provider, model, task, {"llm.texts": texts}) as span:
        yield span


def note_usage(span: Span, usage: Usage) -> None:
    """Put what it took on a span."""
    span.set_attribute("gen_ai.usage.input_tokens", usage.input_tokens)
    span.set_attribute("gen_ai.usage.output_tokens", usage.output_tokens)
    span.set_attribute("llm.cost", usage.cost)
    span.set_attribute("llm.attempts", usage.attempts)
    span.set_attribute("llm.cached", usage.cached)


@contextmanager
def _span(
    operation: str,
    provider: ProviderRecord,
    model: str,
    task: str,
    more: dict[str, AttributeValue],
) -> Iterator[Span]:
    address = urlsplit(provider.base_url or "")
    attributes: dict[str, AttributeValue] = {
        "gen_ai.operation.name": operation,
        "gen_ai.provider.name": provider.type,
        "gen_ai.request.model": model,
        "llm.task": task,
        "llm.provider.id": str(provider.id),
        **more,
    }
    if address.hostname:
        attributes["server.address"] = address.hostname
        if address.port:
            attributes["server.port"] = address.port
    with tracer().start_as_current_span(
        f"{operation} {model}",
        kind=SpanKind.CLIENT,
        attributes=attributes,
        # An exception's text is for the log; here its type suffices.
        record_exception=False,
        set_status_on_exception=False,
    ) as span:
        try:
            yield span
        except BaseException as error:
            span.set_attribute("error.type", type(error).__name__)
            span.set_status(Status(StatusCode.ERROR))
            raise
