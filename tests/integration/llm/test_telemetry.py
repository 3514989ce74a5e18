"""What is told of calls: spans and logs, without key, prompt or answer."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from uuid import uuid4

import msgspec
import pytest
from loguru import logger
from opentelemetry import trace
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from prometheus_client import REGISTRY

from shared.llm import LlmError, open_embedder_on
from shared.telemetry import start_run
from tests.fakes.llm import Fails, Reaction, Says, rate_limited, wrong_key
from tests.integration.llm.stage import API_KEY, GOOD, Stage, judge

SECRET_LINE = "наш пароль: корова"


@pytest.fixture
def exporter(monkeypatch: pytest.MonkeyPatch) -> InMemorySpanExporter:
    made = InMemorySpanExporter()
    provider = TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(made))
    monkeypatch.setattr("shared.telemetry.within.tracer", lambda: provider.get_tracer("tests"))
    return made


@contextmanager
def logged() -> Iterator[list[str]]:
    lines: list[str] = []
    handler = logger.add(lines.append, level="TRACE", format="{message} {extra} {exception}")
    try:
        yield lines
    finally:
        logger.remove(handler)


def of(exporter: InMemorySpanExporter, name: str) -> ReadableSpan:
    return next(span for span in exporter.get_finished_spans() if span.name == name)


def test_spans_follow_the_conventions(stage: Stage, exporter: InMemorySpanExporter) -> None:
    stage.llm.chat.always(Says(GOOD, usage=(100, 10)))

    async def scenario() -> None:
        with start_run("test", uuid4()):
            await stage.session().chat.ask(judge("a"))
            await open_embedder_on(stage.provider()).embed_documents(["a" * 40])

    stage.run(scenario)
    chat = of(exporter, "chat chat-model")
    assert chat.kind is trace.SpanKind.CLIENT
    expected = {
        "gen_ai.operation.name": "chat",
        "gen_ai.provider.name": "openai",
        "gen_ai.request.model": "chat-model",
        "gen_ai.request.temperature": 0.0,
        "gen_ai.request.max_tokens": 4096,
        "gen_ai.response.model": "chat-model-2026-01-01",
        "gen_ai.response.finish_reasons": ("stop",),
        "gen_ai.usage.input_tokens": 100,
        "gen_ai.usage.output_tokens": 10,
        "gen_ai.output.type": "json",
        "server.address": "127.0.0.1",
        "llm.task": "judge",
        "llm.attempts": 1,
    }
    attributes = dict(chat.attributes or {})
    assert {name: attributes.get(name) for name in expected} == expected
    vectors = of(exporter, "embeddings embedding-model")
    assert (vectors.attributes or {})["gen_ai.usage.input_tokens"] == 10


def test_neither_key_nor_text_is_in_spans_logs_or_errors(
    stage: Stage, exporter: InMemorySpanExporter
) -> None:
    echo = Fails(422, f"Cannot take it with key {API_KEY}.", type="invalid_request_error")

    async def scenario() -> list[str]:
        errors = []
        behaviour: tuple[tuple[Reaction, ...], ...] = (
            (rate_limited(0.01), Says(GOOD)),
            (Says("x"), Says("y")),
            (wrong_key(API_KEY),),
            (echo,),
        )
        for number, reactions in enumerate(behaviour):
            stage.llm.chat.then(*reactions)
            try:
                await stage.session().chat.ask(judge(SECRET_LINE, str(number)))
            except LlmError as error:
                errors.append(repr(error))
        stage.llm.poison_with(SECRET_LINE)
        await open_embedder_on(stage.provider()).embed_documents([SECRET_LINE, "a"])
        return errors

    with logged() as lines:
        errors = stage.run(scenario)
    assert len(errors) == 3
    told = "\n".join([*lines, *errors, *(span.to_json() for span in exporter.get_finished_spans())])
    assert "error.type" in told
    for secret in (API_KEY, SECRET_LINE, msgspec.json.encode(SECRET_LINE).decode(), "<data-"):
        assert secret not in told


def test_failed_calls_are_counted_by_outcome(stage: Stage) -> None:
    def counted(outcome: str) -> float:
        labels = {"provider": "Counted", "model": "chat-model", "task": "judge", "outcome": outcome}
        return REGISTRY.get_sample_value("tt_llm_calls_total", labels) or 0.0

    async def scenario() -> None:
        chat = stage.session(provider=stage.provider(name="Counted")).chat
        await chat.ask(judge("a"))
        await chat.ask(judge("a"))
        stage.llm.chat.always(Fails(400))
        with pytest.raises(LlmError):
            await chat.ask(judge("b"))

    stage.run(scenario)
    assert [counted(outcome) for outcome in ("ok", "cached", "failed")] == [1, 1, 1]


def test_client_library_is_loaded_only_by_those_who_call() -> None:
    code = "import shared.llm, sys; print('openai' in sys.modules)"
    assert subprocess.check_output([sys.executable, "-c", code], text=True).strip() == "False"
