"""Spans of calls, by OpenTelemetry's conventions for generative AI. No prompt, no answer, no key is on them.

https://opentelemetry.io/docs/specs/semconv/gen-ai/gen-ai-spans/
"""

from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit

from opentelemetry.trace import Span, SpanKind, get_current_span
from opentelemetry.util.types import AttributeValue

from shared.contracts.analysis import ProviderRecord
from shared.llm.usage import Usage
from shared.telemetry import begun


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


def note_retry(kind: str, pause: float) -> None:
    """Say on the present call's span that a request failed in a way that may pass, and is made again.

    Args:
        kind: The HTTP status, `timeout` or `connection`.
        pause: Seconds until then.
    """
    get_current_span().add_event("llm.retry", {"error.type": kind, "llm.pause_ms": round(pause * 1000)})


def note_cached(model: str, task: str) -> None:
    """Say on the present span that an answer came from the cache: nothing was called."""
    get_current_span().add_event("llm.cached", {"gen_ai.request.model": model, "llm.task": task})


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
        "llm.provider.name": provider.name,
        **more,
    }
    if address.hostname:
        attributes["server.address"] = address.hostname
        if address.port:
            attributes["server.port"] = address.port
    doing = f"asking {model} of {provider.name} for {task}"
    with begun(f"{operation} {model}", SpanKind.CLIENT, attributes, doing=doing) as span:
        yield span
