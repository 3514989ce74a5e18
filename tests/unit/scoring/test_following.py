"""What is sent after a score: to knowledge and to search, in commands that fit into a message."""

from datetime import UTC, datetime

import msgspec

from services.scoring.assessment import assess
from services.scoring.following import commands_after
from shared.contracts.embedding import IndexMessages
from shared.contracts.extraction import ConsiderMessages
from shared.contracts.ingestion import MessageText
from shared.contracts.scoring import MessageClass
from shared.messaging.commands import LARGEST_PAYLOAD

SENT = datetime(2026, 10, 5, 6, 6, 37, tzinfo=UTC)


def message(number: int, text: str) -> MessageText:
    return MessageText(
        id=number,
        chat_id=1,
        author_id=3,
        sent_at=SENT,
        written_at=SENT,
        kind="text",
        text=text,
        has_text=True,
        content_hash="00",
    )


def commands(count: int, text: str) -> list[ConsiderMessages | IndexMessages]:
    scored = [(message(number, text), assess(text)) for number in range(1, count + 1)]
    classes: dict[int, MessageClass] = {each.id: "signal" for each, _ in scored}
    return [
        each for each in commands_after(scored, classes) if isinstance(each, ConsiderMessages | IndexMessages)
    ]


def test_both_hear_of_every_message_once() -> None:
    sent = commands(250, "Вирішили перейти на NATS")
    for kind in (ConsiderMessages, IndexMessages):
        told = [number for each in sent if isinstance(each, kind) for number in each.message_ids]
        assert told == list(range(1, 251))


def test_longest_messages_fit_into_the_commands() -> None:
    sent = commands(120, "ї" * 4096)
    assert max(len(msgspec.json.encode(each)) for each in sent) < LARGEST_PAYLOAD


def test_message_whose_newer_text_was_scored_meanwhile_is_left_out() -> None:
    text = "Вирішили перейти на NATS"
    assert list(commands_after([(message(1, text), assess(text))], {})) == []


def test_correction_is_the_class_that_is_told() -> None:
    text = "ок 👍"
    consider, index = commands_after([(message(1, text), assess(text))], {1: "signal"})
    assert isinstance(consider, ConsiderMessages)
    assert isinstance(index, IndexMessages)
    assert [each.message_class for each in consider.messages or []] == ["signal"]
    assert [each.message_class for each in index.messages or []] == ["signal"]
