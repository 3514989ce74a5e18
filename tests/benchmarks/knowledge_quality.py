"""How good the extraction of knowledge is: `python -m tests.benchmarks.knowledge_quality`.

Measured on the labelled conversations beside this file: `development`, which the rules of basic mode were
made with, and `unseen`, which whoever made them never looked at. By default basic mode with the real
embedding server; with `--provider openai|ollama --url URL --model NAME [--key-env VARIABLE]` any provider,
with the service's prompts. Basic mode has learnt from `development`: what it would be worth on it without
that is what `knowledge_training` reports.

The columns: precision and recall by atom (a match has a source message in common, overlapping words where a
message holds several atoms, and a type that the label accepts); the same when types do not count; quotes that
stand in their message word for word; atoms made of noise alone; topics made and labelled; pairs of matched
atoms that both sides put into one topic, or both into two.
"""

import argparse
import time
from collections.abc import Sequence
from functools import partial

from services.knowledge.answers import Extraction
from services.knowledge.models import EXTRACT, PROMPTS
from shared.llm import AgentSession, LlmError, Question
from tests.benchmarks.knowledge_conversations import Labelled, labelled_conversations
from tests.benchmarks.knowledge_measures import Score, measure
from tests.benchmarks.knowledge_provider import with_agent
from tests.benchmarks.knowledge_tables import report

PARTS = ("development", "unseen")
_NOTHING = Extraction(topics=[], atoms=[], links=[])


def arguments(given: Sequence[str] | None = None) -> argparse.Namespace:
    """What was asked for on the command line."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.knowledge_quality")
    parser.add_argument("--provider", choices=["local", "openai", "ollama"], default="local")
    parser.add_argument("--url", help="OpenAI-compatible address, with /v1")
    parser.add_argument("--model", help="the chat model's name")
    parser.add_argument("--key-env", help="the environment variable that holds the API key")
    parser.add_argument("--language", choices=["uk", "en"], default="uk", help="of the prompt")
    parser.add_argument("--part", choices=PARTS, action="append", help="only this part")
    asked = parser.parse_args(given)
    if asked.provider != "local" and not (asked.url and asked.model):
        parser.error("--url and --model are needed")
    return asked


async def extract(agent: AgentSession, labelled: Labelled) -> Extraction:
    """What the agent makes of a conversation; nothing, and a line that says why, when it fails."""
    try:
        reply = await agent.chat.ask(Question(EXTRACT, labelled.conversation, Extraction, PROMPTS))
    except LlmError as error:
        print(f"  {labelled.name}: {error}")
        return _NOTHING
    return reply.answer


async def measure_all(agent: AgentSession, parts: Sequence[str]) -> Score:
    """Measure and print, part by part; returns the sum."""
    total, messages, started = Score(), 0, time.perf_counter()
    for part in parts:
        scores: dict[str, Score] = {}
        for labelled in labelled_conversations(part):
            scores[labelled.name] = measure(labelled, await extract(agent, labelled))
            messages += len(labelled.conversation.lines)
        report(part, scores)
        total = sum(scores.values(), total)
    elapsed = time.perf_counter() - started
    print(f"\n{messages} messages in {elapsed:.1f} s, embedding or the model's answers included")
    return total


def main() -> int:
    """Measure what was asked for; 1 when basic mode quoted what nobody said."""
    asked = arguments()
    total = with_agent(asked, partial(measure_all, parts=asked.part or PARTS))
    return int(asked.provider == "local" and total.verified < total.quotes)


if __name__ == "__main__":
    raise SystemExit(main())
