"""One chain is one trace: for each task the exact tree of spans, from the request to the last row."""

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from importlib.metadata import version
from typing import Any

import pytest

from shared.service.failures import MOST_RETRIES
from tests.e2e import expected_trees
from tests.e2e.otlp import ReceivedSpan
from tests.e2e.traced import PROVIDER_KEY, Traced, month_ago, running_traced
from tests.fakes.bot_api import a_jpeg, a_message, too_many_requests
from tests.fakes.llm import Fails
from tests.system import System, wait_for

SPOKEN = "Вирішили: переносимо реліз на четвер, бо міграція бази триває довше, ніж 20 хвилин"
TALK = (
    "Після вчорашнього оновлення платежі карткою не проходять, клієнти бачать помилку 502",
    "Причина в тому, що сертифікат платіжного шлюзу прострочений з півночі",
    "Хто перевірить, що застряглі замовлення повернулися в роботу?",
    "Система має попереджати за 14 днів до закінчення строку дії сертифіката",
)
AUTHOR = 501


@pytest.fixture(scope="module")
def traced(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Traced]:
    with running_traced(tmp_path_factory.mktemp("traced") / "system") as running:
        yield running


@pytest.fixture(scope="module")
def provider(traced: Traced) -> str:
    """The language model that finds knowledge and tasks."""
    made = traced.call(
        "POST",
        "providers",
        {
            "name": "Fake",
            "type": "openai",
            "base_url": traced.llm.url,
            "api_key": PROVIDER_KEY,
            "chat_model": "chat-model",
            "activate": ["knowledge_extractor", "task_proposer"],
        },
    )
    path = f"providers/{made['id']}"
    wait_for(lambda: traced.call("GET", path)["validation_status"] == "connected", "it is tried out")
    return str(made["id"])


@pytest.fixture(scope="module")
def told(traced: Traced, provider: str, tmp_path_factory: pytest.TempPathFactory) -> tuple[str, datetime]:
    """A chat that was imported: the job's id, and when the chat began."""
    del provider
    began, path = month_ago(), tmp_path_factory.mktemp("chat") / "result.json"
    messages = [
        {
            "id": number,
            "type": "message",
            "date": f"{began + timedelta(seconds=20 * number):%Y-%m-%dT%H:%M:%S}",
            "date_unixtime": str(int(began.timestamp()) + 20 * number),
            "from": "Оксана",
            "from_id": "user1",
            "text": said,
            "text_entities": [{"type": "plain", "text": said}],
        }
        for number, said in enumerate(TALK, start=1)
    ]
    chat = {"name": "Доставка", "type": "private_supergroup", "id": 1_777_000_444, "messages": messages}
    path.write_text(json.dumps(chat, ensure_ascii=False), encoding="utf-8")
    job_id = traced.system.import_export(path)
    traced.expect(job_id, expected_trees.IMPORT)
    return job_id, began


@pytest.fixture(scope="module")
def learned(told: tuple[str, datetime], traced: Traced) -> list[ReceivedSpan]:
    """The trace of the extraction that has found something in the chat."""
    _, began = told
    traced.llm.chat.then(Fails(503))
    asked = {"chat_ids": [chat_of(traced)], "since": began.isoformat()}
    run_id = traced.call("POST", "knowledge/extractions", asked)["run_id"]
    return traced.expect(run_id, expected_trees.EXTRACTION, beats="knowledge transaction knowledge")


def test_ingest_telegram_messages_task_and_score_unscored_messages_task(
    told: tuple[str, datetime], traced: Traced
) -> None:
    job_id, _ = told  # the tree is compared when the chat is imported, as others build on it
    spans = traced.collector.trace(job_id.replace("-", ""))
    assert {span.state for span in spans} == {"tt=keep"}
    (file,) = (span for span in spans if span.name == "get uploads")
    assert file.attributes["tt.object.size"] > len(TALK)


def test_save_telegram_message_and_score_message_task_and_a_delayed_message(
    traced: Traced, provider: str
) -> None:
    del provider
    traced.telegram.pictures[AUTHOR] = a_jpeg()
    traced.call("PUT", "telegram/bot", {"token": traced.telegram.token})
    traced.call("PUT", "telegram/webhook", {})
    traced.telegram.fail("getUserProfilePhotos", too_many_requests(1))
    traced.telegram.write(a_message(1, SPOKEN))
    spans = traced.expect(
        traced.run_with("process save_telegram_message"),
        expected_trees.UPDATE,
    )
    first, second = sorted(named(spans, "process fetch_avatar_task"), key=lambda span: span.began)
    assert second.began - first.ended > 0.9e9  # the second that Telegram asked for
    assert first.error is None  # put off, not failed
    (scored,) = named(spans, "transaction scoring")
    assert scored.attributes["tt.db.rows_written"] >= 1
    assert "INSERT scores" in scored.attributes["db.query.summary"]


def test_process_message(traced: Traced) -> None:
    arguments = {"actor": "process_message", "arguments": {"text": SPOKEN}}
    run_id = traced.call("POST", "tasks", arguments)["run_id"]
    spans = traced.expect(
        run_id,
        expected_trees.ECHO,
    )
    (request,) = named(spans, "POST /api/v1/tasks")
    assert request.attributes["http.route"] == "/api/v1/tasks"
    assert request.attributes["http.response.status_code"] == 202
    (processed,) = named(spans, "process process_message")
    assert (processed.attributes["tt.attempt"], processed.attributes["tt.outcome"]) == (1, "succeeded")
    assert processed.attributes["tt.queue.wait_ms"] >= 0
    assert {span.resource["service.version"] for span in spans} == {version("task-tracker")}


def test_extract_knowledge_from_messages_task_and_embed_atoms_batch_task(
    learned: list[ReceivedSpan],
) -> None:
    (chat,) = named(learned, "chat chat-model")
    assert chat.attributes["llm.attempts"] == 2
    assert chat.attributes["gen_ai.response.finish_reasons"] == ("stop",)
    assert chat.attributes["gen_ai.usage.input_tokens"] > 0
    assert chat.attributes["llm.provider.name"] == "Fake"
    ((_, retry),) = chat.events
    assert retry["error.type"] == "503"


def test_embed_messages_batch_task(told: tuple[str, datetime], traced: Traced) -> None:
    del told
    ids = [message["id"] for message in messages_of(traced)]
    traced.expect(
        traced.call("POST", "embeddings/messages", {"ids": ids})["run_id"],
        expected_trees.EMBEDDING,
    )


def test_execute_analysis_run(
    told: tuple[str, datetime], learned: list[ReceivedSpan], traced: Traced
) -> None:
    del learned
    _, began = told
    project = traced.call("POST", "projects", {"name": "Доставка", "language": "uk"})["id"]
    window = {"since": began.isoformat(), "until": (began + timedelta(hours=1)).isoformat()}
    run_id = traced.call("POST", "runs", {"project_id": project, **window})["id"]
    traced.call("POST", f"runs/{run_id}/start")
    spans = traced.expect(
        run_id,
        expected_trees.ANALYSIS_RUN,
        beats="analysis transaction analysis",
    )
    assert len([span for span in spans if not span.parent_id]) == 2  # it was made, and it was started


def test_execute_classification_experiment(
    learned: list[ReceivedSpan], traced: Traced, provider: str
) -> None:
    del learned
    messages = [message["id"] for message in messages_of(traced)]
    for number, name in enumerate(("Перша тема", "Друга тема")):
        topic_id = traced.call("POST", "topics", {"name": name, "description": "…"})["id"]
        labelled = messages[2 * number : 2 * number + 2]
        traced.call("PUT", "messages/labels", {"message_ids": labelled, "topic_id": topic_id})
    made = traced.call("POST", "experiments", {"name": "traced", "provider_id": provider})
    traced.expect(
        made["run_id"],
        expected_trees.EXPERIMENT,
        beats="analysis transaction analysis",
    )


def unscored(traced: Traced) -> int:
    """A message whose score is not there: of one that is, a second run says nothing."""
    message_id: int = messages_of(traced)[0]["id"]
    traced.system.rows("DELETE FROM scoring.scores WHERE message_id = $1", message_id)
    return message_id


def test_a_retry_is_told_beside_what_failed(told: tuple[str, datetime], traced: Traced) -> None:
    del told
    task = {"actor": "score_message_task", "arguments": {"message_id": unscored(traced)}}
    with traced.system.without_scores():
        run_id = traced.call("POST", "tasks", task)["run_id"]
        wait_for(lambda: traced.call("GET", f"tasks/{run_id}")["state"] == "retrying", "it has failed")
    spans = traced.expect(
        run_id,
        expected_trees.RETRY,
        seen=first_and_last_attempt,
    )
    first, *_, last = sorted(named(spans, "process score_message_task"), key=lambda span: span.began)
    assert first.error == "score_message_task, attempt 1: UndefinedTableError (SQLSTATE 42P01)"
    ((_, exception),) = first.events
    assert "keep_scores" in exception["exception.stacktrace"]
    assert (first.attributes["tt.outcome"], last.attributes["tt.outcome"]) == ("retrying", "succeeded")
    assert last.parent_id == first.parent_id
    assert {span.state for span in spans if span.began >= last.began} == {"tt=keep"}


def test_a_dead_letter_and_its_requeueing_go_on_in_the_same_trace(
    told: tuple[str, datetime], traced: Traced
) -> None:
    del told
    arguments = {"actor": "process_message", "arguments": {"text": "the chain of what will fail"}}
    run_id = traced.call("POST", "tasks", arguments)["run_id"]
    wait_for(lambda: "process process_message" in traced.drawn(run_id), "the chain is there")
    letters = "tasks/dead-letters"
    message_id = unscored(traced)
    with traced.system.without_scores():
        traced.send_with_one_try_left(run_id, message_id)
        wait_for(lambda: traced.call("GET", letters)["items"] != [], "it is given up")
    (letter,) = traced.call("GET", letters)["items"]
    assert (letter["run_id"], letter["attempts"]) == (run_id, MOST_RETRIES + 1)
    wait_for(lambda: "create tasks.dead_lettered" in traced.drawn(run_id), "it is told of")
    traced.call("POST", f"{letters}/{letter['sequence']}/requeue")
    spans = traced.expect(
        run_id,
        expected_trees.DEAD_LETTER,
    )
    (given_up,) = named(spans, "dead letter score_message_task")
    assert given_up.error == f"given up after {MOST_RETRIES + 1} attempts: ProgrammingError"
    assert given_up.attributes["tt.dead_letter"] is True
    (requeued,) = named(spans, "requeue score_message_task")
    ((linked, _),) = requeued.links
    wait_for(lambda: any(not span.parent_id for span in traced.collector.trace(linked)), "it is told")
    (request,) = (span for span in traced.collector.trace(linked) if not span.parent_id)
    assert request.name == "POST /api/v1/tasks/dead-letters/{sequence}/requeue"
    assert requeued.trace_id in {trace_id for trace_id, _ in request.links}


def test_no_span_tells_a_secret_or_what_people_wrote(told: tuple[str, datetime], traced: Traced) -> None:
    del told
    house = traced.system.house
    secrets = {**house.secrets, "bot": traced.telegram.token, "provider": PROVIDER_KEY}
    spans = list(traced.collector.spans)
    assert len(spans) > 100
    everything = "\n".join(json.dumps(vars(span), ensure_ascii=False, default=str) for span in spans)
    for name, secret in secrets.items():
        assert secret not in everything, name
    for text in (*TALK, SPOKEN, "Платежі не проходять", "the chain of what will fail"):
        assert text[:30] not in everything


def test_every_span_of_every_chain_has_its_run_id(told: tuple[str, datetime], traced: Traced) -> None:
    del told
    apart = {
        (span.service, span.name)
        for span in traced.collector.spans
        if span.attributes.get("run_id", "").replace("-", "") != span.trace_id
    }
    assert apart == set()


def named(spans: list[ReceivedSpan], name: str) -> list[ReceivedSpan]:
    return [span for span in spans if span.name == name]


def first_and_last_attempt(spans: list[ReceivedSpan]) -> list[ReceivedSpan]:
    """Without the attempts between the first and the last: there are more the slower the machine is."""
    attempts = sorted(named(spans, "process score_message_task"), key=lambda span: span.began)
    left_out = {span.span_id for span in attempts[1:-1]}
    kept = []
    for span in sorted(spans, key=lambda span: span.began):
        if span.span_id in left_out or span.parent_id in left_out:
            left_out.add(span.span_id)
        elif span in attempts[1:]:
            kept.append(replace(span, attributes={**span.attributes, "tt.attempt": 2}))
        else:
            kept.append(span)
    return kept


def messages_of(traced: Traced) -> list[dict[str, Any]]:
    """The messages of the imported chat, the oldest first."""
    items: list[dict[str, Any]] = traced.call("GET", "messages", chat_id=chat_of(traced))["items"]
    return sorted(items, key=lambda message: message["id"])


def chat_of(traced: Traced) -> int:
    found = [chat["id"] for chat in traced.call("GET", "chats")["items"] if chat["title"] == "Доставка"]
    return int(found[0])


# For the other modules that look at traces.


def has_a_space(system: System) -> bool:
    spaces = system.client.get("/api/v1/embeddings/spaces").json()["items"]
    return any(space["status"] == "active" for space in spaces)


def names(spans: list[ReceivedSpan]) -> set[str]:
    return {span.name for span in spans}


def is_whole(trace: list[ReceivedSpan]) -> bool:
    """Whether there is a root and every other span's parent has arrived too."""
    known = {span.span_id for span in trace}
    return {span.parent_id for span in trace} - known == {""}
