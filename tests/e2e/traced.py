"""One system whose chains are traced, with a language model and a Telegram that do what a test says."""

import difflib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

from tests.e2e.otlp import Collector, ReceivedSpan, running_collector
from tests.e2e.trees import expected, tree
from tests.fakes.bot_api import BotApiServer, running_bot_api
from tests.fakes.llm import ChatRequest, LlmServer, Says, running_llm_server
from tests.fakes.llm.strict import example_of
from tests.system import System, running_system, wait_for

PROVIDER_KEY = "sk-open-sesame-0123456789"
TOPIC = "Оплата карткою"

KEYS = "gateway transaction gateway"
"""Whether an API key is looked up or remembered depends on when it was used last."""

REMEMBERED = ("analysis.get_provider_access", "analysis.resolve_agent")
"""What is asked unless the answer is remembered, for some seconds; left out of the trees."""

Seen = Callable[[list[ReceivedSpan]], list[ReceivedSpan]]


@dataclass
class Traced:
    """The system, and what is asked of its traces.

    Attributes:
        checked: Of each trace that was looked at, what was expected: nothing may be added to it afterwards.
    """

    system: System
    collector: Collector
    llm: LlmServer
    telegram: BotApiServer
    checked: dict[str, tuple[str, Seen, str]] = field(default_factory=dict)

    def call(self, method: str, path: str, body: Any = None, **params: Any) -> Any:
        """Ask the gateway."""
        answer = self.system.client.request(method, f"/api/v1/{path}", json=body, params=params or None)
        assert answer.is_success, (path, answer.status_code, answer.text)
        return answer.json() if answer.content else None

    def drawn(self, run_id: str, seen: Seen = list, beats: str = KEYS) -> str:
        """The chain's trace as text, of those of its spans that are to be seen."""
        spans = seen(self.collector.trace(UUID(run_id).hex))
        return tree(spans, any_number_of=(KEYS, beats), without=REMEMBERED)

    def expect(self, run_id: str, text: str, *, seen: Seen = list, beats: str = KEYS) -> list[ReceivedSpan]:
        """Wait until a chain's trace is this tree, exactly; the run_id is on each span and none is an orphan.

        Args:
            run_id: The chain.
            text: The tree.
            seen: Leaves out of the spans what may rightly be there or not.
            beats: The line of which there are more the longer the work takes: it says that it is still
                alive, and looks whether it is cancelled.

        Returns:
            Its spans.
        """
        wanted = expected(text)

        def difference() -> str:
            told = self.drawn(run_id, seen, beats).split("\n")
            return "\n".join(difflib.unified_diff(wanted.split("\n"), told, "expected", "told"))

        wait_for(
            lambda: self.drawn(run_id, seen, beats) == wanted, "the trace is as expected", about=difference
        )
        spans = self.collector.trace(UUID(run_id).hex)
        assert {span.attributes.get("run_id") for span in spans} == {run_id}
        assert {span.parent_id for span in spans} <= {"", *(span.span_id for span in spans)}
        self.checked[run_id] = (wanted, seen, beats)
        return spans

    def run_with(self, name: str) -> str:
        """The run_id of the one chain that has a span with this name, once it has come."""

        def found() -> set[str]:
            return {span.attributes["run_id"] for span in list(self.collector.spans) if span.name == name}

        wait_for(lambda: len(found()) == 1, f"there is one chain with {name}", about=found)
        return found().pop()

    def send_with_one_try_left(self, run_id: str, message_id: int) -> None:
        """Have a message scored by a task of this chain that has failed so often that it has one try left."""
        sent = next(span for span in self.collector.trace(UUID(run_id).hex) if span.kind == "producer")
        headers = {
            "traceparent": f"00-{sent.trace_id}-{sent.span_id}-01",
            "baggage": f"run_id={run_id}",
        }
        self.system.send_with_one_try_left(message_id, headers)


@contextmanager
def running_traced(folder: Path) -> Iterator[Traced]:
    """Start everything, with a language model that is asked for knowledge and tasks, and a bot."""
    with running_collector() as collector, running_llm_server() as llm, running_bot_api() as telegram:
        llm.chat.always(Says(answer))
        with running_system(
            folder, TT_OTLP_ENDPOINT=collector.url, TT_TELEGRAM_API_URL=telegram.url
        ) as system:
            traced = Traced(system, collector, llm, telegram)
            spaces = "embeddings/spaces"
            wait_for(
                lambda: any(each["status"] == "active" for each in traced.call("GET", spaces)["items"]),
                "a vector space is active",
            )
            yield traced
            for run_id, (wanted, seen, beats) in traced.checked.items():
                assert traced.drawn(run_id, seen, beats) == wanted


def answer(request: ChatRequest) -> Any:
    """What the language model says: one topic with one atom, no tasks, the first topic."""
    if request.task == "extract_knowledge":
        line = request.data["lines"][0]
        topic = {"name": TOPIC, "description": "Платежі.", "icon": "💳", "confidence": 0.9}
        atom = {
            "type": "problem",
            "topic": TOPIC,
            "title": "Платежі не проходять",
            "content": "Платежі карткою не проходять.",
            "confidence": 0.9,
            "quotes": [{"message": line["number"], "text": line["text"]}],
        }
        return {"topics": [topic], "atoms": [atom], "links": []}
    if request.task == "classify_message":
        return {"topic": 1, "confidence": 0.9, "reasoning": "…", "alternatives": []}
    if request.task == "propose_tasks":
        return {"proposals": []}
    return example_of(request.schema) if request.schema else "ok"


def month_ago() -> datetime:
    """So long ago that nothing sets an extraction off by itself."""
    return datetime.now(UTC).replace(microsecond=0) - timedelta(days=30)
