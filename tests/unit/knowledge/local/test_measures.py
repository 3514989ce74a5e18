"""The benchmark's own arithmetic: what counts as found, as missed, as made of noise."""

import pytest

from services.knowledge.answers import ExtractedAtom, ExtractedTopic, Extraction, Quote
from tests.benchmarks.knowledge_conversations import Label, Labelled, Source
from tests.benchmarks.knowledge_measures import Score, measure
from tests.unit.knowledge.local.saying import conversation

SAID = conversation(
    "Olha: Насос зламався. Беремо новий.",
    "Ihor: привіт",
    "Olha: Де ключ від щитової?",
)
LABELLED = Labelled(
    name="pump",
    language="uk",
    conversation=SAID,
    atoms=[
        Label("problem", "Насос", "Насос зламався", [Source(1, "Насос зламався")], ["problem", "insight"]),
        Label("decision", "Насос", "Беруть новий", [Source(1, "Беремо новий")], ["decision"]),
        Label("question", "Щитова", "Де ключ", [Source(3, "Де ключ від щитової?")], ["question"]),
    ],
    noise=frozenset({2}),
)


def atom(kind: str, number: int, quote: str, topic: str = "Насос") -> ExtractedAtom:
    return ExtractedAtom(
        type=kind,  # type: ignore[arg-type]  # the tests name types by plain words
        topic=topic,
        title=quote,
        content=quote,
        confidence=0.5,
        quotes=[Quote(message=number, text=quote)],
    )


def measured(*atoms: ExtractedAtom) -> Score:
    topics = [
        ExtractedTopic(name=name, description="", icon="💬", confidence=0.5)
        for name in sorted({each.topic for each in atoms})
    ]
    return measure(LABELLED, Extraction(topics=topics, atoms=list(atoms), links=[]))


def test_all_found_is_all_found() -> None:
    score = measured(
        atom("insight", 1, "Насос зламався"),
        atom("decision", 1, "Беремо новий."),
        atom("question", 3, "Де ключ", "Щитова"),
    )
    assert (score.precision, score.recall, score.f1, score.noise) == (1.0, 1.0, 1.0, 0)
    assert score.found == {"problem": 1, "decision": 1, "question": 1}
    assert (score.together, score.pairs, score.topics, score.labelled_topics) == (3, 3, 2, 2)


def test_a_wrong_type_counts_only_when_types_do_not() -> None:
    score = measured(atom("solution", 3, "Де ключ"))
    assert (score.precision, score.untyped) == (0.0, 1)


def test_where_a_message_holds_several_atoms_the_words_have_to_overlap() -> None:
    assert measured(atom("decision", 1, "Насос зламався")).precision == 0.0
    assert measured(atom("decision", 1, "Беремо новий")).precision == 1.0


def test_one_label_is_found_once() -> None:
    score = measured(atom("question", 3, "Де ключ"), atom("question", 3, "від щитової?"))
    assert score.precision == pytest.approx(1 / 2)
    assert score.recall == pytest.approx(1 / 3)


def test_noise_and_words_that_nobody_said_are_counted() -> None:
    score = measured(atom("insight", 2, "привіт"), atom("insight", 1, "Насос згорів"))
    assert (score.noise, score.verified, score.quotes) == (1, 1, 2)


def test_scores_add_up() -> None:
    total = measured(atom("question", 3, "Де ключ")) + measured(atom("solution", 3, "Де ключ"))
    assert total.precision == pytest.approx(1 / 2)
    assert total.recall == pytest.approx(1 / 6)
