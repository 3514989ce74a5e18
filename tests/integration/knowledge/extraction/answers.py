"""What the language model of these tests answers to each task, made of what it was asked."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from tests.fakes.llm import ChatRequest, Says

Answer = dict[str, Any]
Line = Mapping[str, Any]

NOTHING: Answer = {"topics": [], "atoms": [], "links": []}
NO_MATCHES: Answer = {"matches": []}
TOPIC = "Черга обробника"


def answering(
    extract: Callable[[ChatRequest], Any] | None = None,
    *,
    topics: Callable[[ChatRequest], Any] | None = None,
    atoms: Callable[[ChatRequest], Any] | None = None,
    **options: Any,
) -> Says:
    """Answer each task in its own way; by default each line is an atom, and nothing is known already."""
    by_task: dict[str, Callable[[ChatRequest], Any]] = {
        "extract_knowledge": extract or each_line,
        "match_topic": topics or (lambda _: NO_MATCHES),
        "match_atom": atoms or (lambda _: NO_MATCHES),
    }
    return Says(lambda request: by_task[request.task](request), **options)


def lines(request: ChatRequest) -> list[Line]:
    """The lines that knowledge is to be taken from."""
    return [line for line in request.data["lines"] if not line.get("context")]


def topic(name: str = TOPIC, confidence: float = 0.9, description: str = "Як працює черга.") -> Answer:
    return {"name": name, "description": description, "icon": "📦", "confidence": confidence}


def atom(  # noqa: PLR0913 - what an atom consists of
    line: Line,
    *,
    kind: str = "insight",
    of: str = TOPIC,
    content: str | None = None,
    quote: str | None = None,
    confidence: float = 0.9,
) -> Answer:
    """An atom that says what a line says, and quotes it."""
    said = line["text"]
    return {
        "type": kind,
        "topic": of,
        "title": (content or said)[:100],
        "content": content or said,
        "confidence": confidence,
        "quotes": [{"message": line["number"], "text": quote or said}],
    }


def each_line(request: ChatRequest, **fields: Any) -> Answer:
    """Each line is an atom."""
    found = [atom(line, **fields) for line in lines(request)]
    return {"topics": [topic(fields.get("of", TOPIC))] if found else [], "atoms": found, "links": []}


def of_these(*atoms: Answer, topics: Sequence[Answer] = (), links: Sequence[Answer] = ()) -> Answer:
    """An answer of these atoms, whose topics need not be given."""
    named = {each["topic"] for each in atoms} - {each["name"] for each in topics}
    return {
        "topics": [*topics, *(topic(name) for name in sorted(named))],
        "atoms": list(atoms),
        "links": list(links),
    }


def topic_is(known: str, *, found: str | None = None, description: str | None = None) -> Callable[..., Any]:
    """Found topics (all, or the one of a name) are the known one of a name, if that was near."""

    def answer(request: ChatRequest) -> Answer:
        numbers = {each["name"]: each["number"] for each in request.data["known"]}
        return {
            "matches": [
                {
                    "found": each["number"],
                    "known": numbers.get(known),
                    "confidence": 0.95,
                    "description": description,
                }
                for each in request.data["found"]
                if found in (None, each["name"])
            ]
        }

    return answer


def atom_is(relation: str, known: str, **fields: Any) -> Callable[..., Any]:
    """Every found atom stands so to the known one whose content has these words, if that was near."""

    def answer(request: ChatRequest) -> Answer:
        given = {"title": None, "content": None, "reason": "Про те саме.", "confidence": 0.9} | fields
        numbers = [each["number"] for each in request.data["known"] if known in each["content"]]
        return {
            "matches": [
                {"found": pair["found"], "known": pair["known"], "relation": relation, **given}
                for pair in request.data["pairs"]
                if pair["known"] in numbers
            ]
        }

    return answer
