"""The invented dialogues are read as they are marked."""

from services.knowledge.local.types import CLASSES
from tests.benchmarks.knowledge_conversations import labelled_conversations
from tests.benchmarks.knowledge_dialogues import DIALOGUES, lesson_of, lessons


def test_every_dialogue_has_marks_of_several_classes() -> None:
    found = list(lessons())
    assert len(found) >= 30
    for lesson in found:
        assert {name for names in lesson.accepted.values() for name in names} <= set(CLASSES)
        assert len(set(lesson.accepted.values())) > 3


def test_marks_are_no_part_of_what_is_read() -> None:
    assert not any("[" in line.text for lesson in lessons() for line in lesson.conversation.lines)


def test_each_mark_reaches_a_sentence() -> None:
    marks = sum(path.read_text(encoding="utf-8").count(" [") for path in DIALOGUES.glob("*.txt"))
    named = [names for lesson in lessons() for names in lesson.accepted.values() if names != ("nothing",)]
    reached = sum(map(len, named))
    assert reached == marks


def test_labels_are_read_as_classes_the_labelled_one_first() -> None:
    for labelled in labelled_conversations("development"):
        accepted = set(lesson_of(labelled).accepted.values())
        assert accepted - {("nothing",)} <= {
            tuple(dict.fromkeys([label.type, *label.accept_types])) for label in labelled.atoms
        }
