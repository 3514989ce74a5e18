"""Providers that fail: what is tried again, how often, and what a person hears."""

import asyncio
import time
from email.utils import formatdate
from typing import Any

import pytest

from shared.contracts.analysis import LlmCall
from shared.llm import (
    BadAnswerError,
    LlmError,
    Patience,
    ProviderRefusedError,
    ProviderUnavailableError,
    Reply,
    cache,
)
from shared.service.failures import MOST_RETRIES, will_retry
from tests.fakes.llm import (
    Breaks,
    Fails,
    Garbage,
    Hangs,
    Reaction,
    Says,
    quota_exhausted,
    rate_limited,
    wrong_key,
)
from tests.integration.llm.stage import (
    API_KEY,
    GOOD,
    QUICK,
    Stage,
    Verdict,
    judge,
    kept_answers,
    recorded_calls,
)


def ask(stage: Stage, *, patience: Patience = QUICK, **provider: Any) -> Reply[Verdict]:
    async def scenario() -> Reply[Verdict]:
        return await stage.session(provider=stage.provider(**provider)).chat.ask(judge("a"))

    return stage.run(scenario, patience=patience)


def fail(stage: Stage, **options: Any) -> LlmError:
    with pytest.raises(LlmError) as caught:
        ask(stage, **options)
    return caught.value


@pytest.mark.parametrize("status", [408, 409, 429, 500, 502, 503, 504, 529])
def test_what_may_pass_is_tried_again(stage: Stage, status: int) -> None:
    stage.llm.chat.then(Fails(status), Fails(status), Says(GOOD))
    reply = ask(stage)
    assert reply.answer == Verdict("good", 0.9)
    assert reply.usage.attempts == len(stage.llm.chat.requests) == 3


@pytest.mark.parametrize(
    "reaction",
    [
        Breaks(),
        Breaks(after=0.0),
        Garbage('{"id": "chatcmpl-1", "choi', "application/json"),
        Garbage("[" * 200_000, "application/json"),
        Garbage(f'{{"id": {"1" * 5000}}}', "application/json"),
        rate_limited("Mon, 01 Jan 99999 00:00:00 GMT"),
    ],
)
def test_broken_answer_is_tried_again(stage: Stage, reaction: Reaction) -> None:
    stage.llm.chat.then(reaction, Says(GOOD))
    assert ask(stage).usage.attempts == 2


def test_tries_are_bounded_and_end_as_unavailable(stage: Stage) -> None:
    stage.llm.chat.always(Fails(503, "Overloaded."))
    error = fail(stage)
    assert isinstance(error, ProviderUnavailableError)
    assert (error.kind, error.usage.attempts) == ("503", 3)
    assert len(stage.llm.chat.requests) == 3
    assert "Fake is not available, after 3 attempts: HTTP 503: Overloaded." in str(error)


def test_unavailable_provider_is_no_outage_that_the_broker_waits_for_without_limit() -> None:
    error = ProviderUnavailableError("gone")
    assert will_retry(0, error)
    assert not will_retry(MOST_RETRIES, error)


@pytest.mark.parametrize("form", ["seconds", "milliseconds", "date"])
def test_retry_after_is_honoured(stage: Stage, form: str) -> None:
    wanted: dict[str, Fails] = {
        "seconds": rate_limited(0.4),
        "milliseconds": Fails(429, headers={"Retry-After-Ms": "400", "Retry-After": "9"}),
        # A date has whole seconds: two ahead is one at the least.
        "date": rate_limited(formatdate(time.time() + 2, usegmt=True)),
    }
    stage.llm.chat.then(wanted[form], Says(GOOD))
    ask(stage, patience=Patience(attempts=3, first_pause=0.001, longest_pause=3.0))
    first, second = stage.llm.chat.requests
    assert second.at - first.at >= 0.4


def test_longer_wish_than_one_is_ready_to_wait_ends_at_once(stage: Stage) -> None:
    stage.llm.chat.always(rate_limited(3600))
    error = fail(stage)
    assert isinstance(error, ProviderUnavailableError)
    assert "left alone for 3600 s" in str(error)
    assert len(stage.llm.chat.requests) == 1


@pytest.mark.parametrize(
    ("reaction", "advice"),
    [
        (wrong_key(), "valid API key"),
        (Fails(403, "Country not supported."), "may not use chat-model"),
        (Fails(404, "The model does not exist."), "chat-model"),
        (quota_exhausted(), "quota is used up"),
        (Fails(402, "Insufficient balance."), "quota is used up"),
        (
            Fails(400, "This model's maximum context length is 8192.", "context_length_exceeded"),
            "smaller batches",
        ),
        (Fails(400, "max_tokens is too large.", "invalid_value", "max_tokens"), "Lower the agent's"),
        (Fails(413, "Request too large."), "smaller batches"),
        (Fails(400, "Nonsense."), "HTTP 400: Nonsense."),
        (Garbage(), "is its address right"),
        (Garbage('{"hello": "world"}', "application/json"), "is its address right"),
        (Garbage("[]", "application/json"), "is its address right"),
        (Fails(307, headers={"Location": "/v1/chat/completions"}), "the address that it leads to"),
    ],
)
def test_refusal_is_asked_once_and_says_what_to_do(stage: Stage, reaction: Reaction, advice: str) -> None:
    stage.llm.chat.always(reaction)
    error = fail(stage)
    assert isinstance(error, ProviderRefusedError)
    assert advice in str(error)
    assert len(stage.llm.chat.requests) == 1


@pytest.mark.parametrize("status", [200, 400, 500])
def test_answer_without_end_is_not_read_to_it(
    stage: Stage, monkeypatch: pytest.MonkeyPatch, status: int
) -> None:
    monkeypatch.setattr("shared.llm.http_client.LONGEST_ANSWER", 1000)
    body = "<html>" + "x" * 10_000_000
    stage.llm.chat.always(Garbage(body) if status == 200 else Fails(status, body))
    error = fail(stage)
    assert isinstance(error, ProviderRefusedError)
    assert "its answer is longer than" in str(error)
    assert len(stage.llm.chat.requests) == 1


def test_question_that_the_provider_s_filter_holds_back_is_told_from_a_wrong_provider(stage: Stage) -> None:
    stage.llm.chat.always(Fails(400, "The response was filtered.", "content_filter"))
    error = fail(stage)
    assert isinstance(error, BadAnswerError)
    assert (error.kind, error.usage.attempts) == ("filtered", 1)


def test_counts_that_make_no_sense_are_estimated(stage: Stage) -> None:
    stage.llm.chat.always(Says(GOOD, usage=(10**30, -1)))

    async def scenario() -> list[LlmCall]:
        await stage.session().chat.ask(judge("a"))
        return await recorded_calls()

    (call,) = stage.run(scenario)
    assert 0 < call.input_tokens < 1000
    assert 0 < call.output_tokens < 100


def test_ollama_whose_context_is_too_short_is_told_how_to_get_a_longer_one(stage: Stage) -> None:
    said = "request (7906 tokens) exceeds the available context size (4096 tokens), try increasing it"
    stage.llm.chat.always(Fails(400, said, type="exceed_context_size_error"))
    assert "OLLAMA_CONTEXT_LENGTH" in str(fail(stage, type="ollama"))


def test_error_in_an_answer_of_status_200_counts_as_what_it_says(stage: Stage) -> None:
    body = '{"error": {"code": 502, "message": "Upstream is down."}}'
    stage.llm.chat.then(Garbage(body, "application/json"), Says(GOOD))
    assert ask(stage).usage.attempts == 2


def test_hanging_server_ends_as_unavailable_within_the_time_limit(stage: Stage) -> None:
    stage.llm.chat.always(Hangs())
    error = fail(stage, timeout_seconds=0.2)
    assert isinstance(error, ProviderUnavailableError)
    assert error.kind == "timeout"
    assert len(stage.llm.chat.requests) == 3


def test_all_attempts_together_have_a_time_limit(stage: Stage) -> None:
    stage.llm.chat.always(Hangs())
    patience = Patience(attempts=1000, first_pause=0.01, longest_pause=0.1, place=0.1, total=1.0)
    error = fail(stage, patience=patience, timeout_seconds=0.3)
    assert isinstance(error, ProviderUnavailableError)
    assert "did not answer within 1 s" in str(error)
    assert 1 < len(stage.llm.chat.requests) < 10


def test_nobody_listening_ends_as_unavailable(stage: Stage) -> None:
    error = fail(stage, base_url="http://127.0.0.1:1/v1")
    assert isinstance(error, ProviderUnavailableError)
    assert error.kind == "connection"


@pytest.mark.parametrize("address", ["http://[broken/v1", "ftp://127.0.0.1/v1"])
def test_address_that_is_none_is_refused(stage: Stage, address: str) -> None:
    assert isinstance(fail(stage, base_url=address), ProviderRefusedError)


def test_key_that_cannot_be_opened_is_refused_with_what_to_do(stage: Stage) -> None:
    async def scenario() -> LlmError:
        provider = stage.provider()
        sealed = provider.sealed_key or ""
        access = type(provider)(provider=provider.provider, sealed_key=sealed[:-6] + "AAAAA=")
        with pytest.raises(LlmError) as caught:
            await stage.session(provider=access).chat.ask(judge("a"))
        return caught.value

    error = stage.run(scenario)
    assert isinstance(error, ProviderRefusedError)
    assert "TT_ENCRYPTION_KEYS" in str(error)


def test_failed_call_is_accounted_for(stage: Stage) -> None:
    stage.llm.chat.always(Fails(503))

    async def scenario() -> list[LlmCall]:
        with pytest.raises(ProviderUnavailableError):
            await stage.session().chat.ask(judge("a"))
        return await recorded_calls()

    (call,) = stage.run(scenario)
    assert (call.attempts, call.input_tokens, call.cost) == (3, 0, 0.0)
    assert "HTTP 503" in (call.error or "")


def test_server_that_quotes_the_key_does_not_have_it_passed_on(stage: Stage) -> None:
    stage.llm.chat.always(wrong_key(API_KEY))
    assert API_KEY not in str(fail(stage))


@pytest.mark.parametrize("formats", [{"json_schema"}, {"json_schema", "json_object"}])
def test_server_without_schemas_is_told_in_words_and_remembered(stage: Stage, formats: set[str]) -> None:
    stage.llm.refused_formats = formats

    async def scenario() -> None:
        chat = stage.session().chat
        stage.llm.chat.always(Says(f'```json\n{"{"}"mood": "good", "score": 1.0{"}"}\n```'))
        for line in ("a", "b"):
            await chat.ask(judge(line))

    stage.run(scenario)
    *refused, first, second = stage.llm.chat.requests
    assert len(refused) == len(formats)
    assert first.format == second.format == ("text" if len(formats) == 2 else "json_object")
    assert '"mood"' in first.messages[0]["content"]


def test_parameters_that_a_model_does_not_take_are_left_out_and_that_remembered(stage: Stage) -> None:
    stage.llm.refused_parameters = {"temperature", "max_tokens"}

    async def scenario() -> None:
        chat = stage.session().chat
        stage.llm.chat.always(Says(GOOD))
        for line in ("a", "b"):
            await chat.ask(judge(line))

    stage.run(scenario)
    assert len(stage.llm.chat.requests) == 4
    last = stage.llm.chat.requests[-1].body
    assert "temperature" not in last
    assert last["max_completion_tokens"] == 4096


def test_cancelled_question_lets_go_of_everything(stage: Stage) -> None:
    async def scenario() -> None:
        chat = stage.session(provider=stage.provider(max_concurrency=1)).chat
        stage.llm.chat.then(Hangs())
        stage.llm.chat.always(Says(GOOD))
        hanging = asyncio.create_task(chat.ask(judge("a")))
        await asyncio.to_thread(stage.llm.chat.wait_for, 1)
        hanging.cancel()
        with pytest.raises(asyncio.CancelledError):
            await hanging
        assert (await chat.ask(judge("a"))).answer == Verdict("good", 0.9)

    stage.run(scenario)


def test_half_a_character_in_an_answer_is_repaired(stage: Stage) -> None:
    stage.llm.chat.then(Says('{"mood": "\ud800"}'), Says(GOOD))
    assert ask(stage).answer == Verdict("good", 0.9)


def test_server_that_quotes_what_was_sent_does_not_have_it_passed_on(stage: Stage) -> None:
    stage.llm.chat.always(Fails(422, 'Cannot read {"lines":["a"]} of the user'))
    assert str(fail(stage)).startswith("Fake refuses: HTTP 422: Cannot read")

    async def scenario() -> str:
        line = "a secret that is long enough to be known again"
        stage.llm.chat.always(Fails(422, f"Cannot read '{line}' of the user"))
        with pytest.raises(ProviderRefusedError) as caught:
            await stage.session().chat.ask(judge(line))
        return str(caught.value)

    assert stage.run(scenario).startswith("Fake refuses: HTTP 422. ")


def test_answer_is_kept_though_its_asker_is_interrupted(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def scenario() -> int:
        begun, may_go_on, kept = asyncio.Event(), asyncio.Event(), asyncio.Event()

        async def keep_when_told(work: Any) -> None:
            begun.set()
            await may_go_on.wait()
            await cache.commit_paid(work)
            kept.set()

        monkeypatch.setattr("shared.llm.openai_chat.commit_paid", keep_when_told)
        asking = asyncio.create_task(stage.session().chat.ask(judge("a")))
        await asyncio.wait_for(begun.wait(), 20)
        asking.cancel()
        with pytest.raises(asyncio.CancelledError):
            await asking
        may_go_on.set()
        await asyncio.wait_for(kept.wait(), 20)
        return await kept_answers()

    assert stage.run(scenario) == 1
