"""What of a model's answer about a message holds."""

from typing import Any

import msgspec
import pytest

from services.analysis.experiments.answers import OtherTopic, TopicOfMessage, numbered, read
from services.analysis.experiments.classifying import PROMPTS, TASK
from shared.contracts.experiments import Alternative, SnapshotTopic
from shared.llm.schema import strict_schema

TOPICS = [SnapshotTopic(id=each, name=f"Тема {each}", description="Опис.") for each in (50, 60, 70)]


def an_answer(topic: int | None, **given_: Any) -> TopicOfMessage:
    defaults: dict[str, Any] = {"reasoning": "Бо так.", "confidence": 0.8, "alternatives": []}
    return TopicOfMessage(topic=topic, **(defaults | given_))


def others(*pairs: tuple[int, float]) -> list[OtherTopic]:
    return [OtherTopic(topic=topic, confidence=confidence) for topic, confidence in pairs]


@pytest.mark.parametrize(("number", "topic_id"), [(1, 50), (3, 70), (0, None), (-1, None), (4, None)])
def test_only_numbers_that_were_given_are_topics(number: int, topic_id: int | None) -> None:
    assert read(an_answer(number), TOPICS).topic_id == topic_id


def test_an_answer_without_a_topic_is_sure_of_nothing() -> None:
    found = read(an_answer(None, confidence=0.9), TOPICS)
    assert (found.topic_id, found.confidence, found.reasoning) == (None, 0.0, "Бо так.")


def test_alternatives_are_other_topics_the_likeliest_first() -> None:
    answer = an_answer(2, alternatives=others((1, 0.1), (3, 0.2), (2, 0.7), (9, 0.5), (1, 0.9)))
    assert read(answer, TOPICS).alternatives == (
        Alternative(topic_id=70, confidence=0.2),
        Alternative(topic_id=50, confidence=0.1),
    )


def test_reasoning_is_a_line_of_bounded_length() -> None:
    assert read(an_answer(1, reasoning="одне\n\n друге\x00 " * 500), TOPICS).reasoning.startswith(
        "одне друге"
    )
    assert len(read(an_answer(1, reasoning="слово " * 500), TOPICS).reasoning) <= 1000


def test_topics_are_numbered_from_one_in_their_order() -> None:
    assert [(each.number, each.name) for each in numbered(TOPICS)][:2] == [(1, "Тема 50"), (2, "Тема 60")]


def test_the_question_has_a_prompt_in_each_language_and_a_strict_schema() -> None:
    assert TASK in PROMPTS.tasks
    schema = strict_schema(TopicOfMessage)
    assert list(schema["properties"]) == ["reasoning", "topic", "confidence", "alternatives"]


@pytest.mark.parametrize("confidence", [-0.1, 1.1, 95])
def test_confidence_beyond_its_range_does_not_fit(confidence: float) -> None:
    given_ = {"reasoning": "", "topic": 1, "confidence": confidence, "alternatives": []}
    with pytest.raises(msgspec.ValidationError):
        msgspec.json.decode(msgspec.json.encode(given_), type=TopicOfMessage)
