"""What follows a score: knowledge considers the message, search takes it in."""

from collections.abc import Iterator, Mapping, Sequence

from services.scoring.assessment import Assessment
from shared.contracts.base import Command
from shared.contracts.embedding import IndexMessages, ScoredText
from shared.contracts.extraction import ConsideredMessage, ConsiderMessages
from shared.contracts.ingestion import MessageText
from shared.contracts.scoring import MessageClass
from shared.telemetry import inject_headers

Scored = tuple[MessageText, Assessment]

_MOST_MESSAGES = 100
_MOST_CHARACTERS = 100_000
"""Of texts in one command: at most 400 KB in UTF-8."""


def commands_after(scored: Sequence[Scored], classes: Mapping[int, MessageClass]) -> Iterator[Command]:
    """What is to be sent once these scores are kept, noise included: it may have been something else before.

    Args:
        scored: Messages with their scores.
        classes: The class that holds, a person's correction included; messages without are left out.
    """
    trace = inject_headers().get("traceparent")
    for chunk in _chunks([entry for entry in scored if entry[0].id in classes]):
        ids = [message.id for message, _ in chunk]
        considered = [ConsideredMessage.of(message, classes[message.id], trace) for message, _ in chunk]
        texts = [
            ScoredText(message=message, message_class=classes[message.id], importance_score=assessment.score)
            for message, assessment in chunk
        ]
        yield ConsiderMessages(message_ids=ids, messages=considered)
        yield IndexMessages(message_ids=ids, messages=texts)


def commands_after_correction(message_id: int) -> Iterator[Command]:
    """What is to be sent when a person corrected a class; those who take it ask for the rest."""
    yield ConsiderMessages(message_ids=[message_id])
    yield IndexMessages(message_ids=[message_id])


def _chunks(scored: Sequence[Scored]) -> Iterator[list[Scored]]:
    chunk: list[Scored] = []
    characters = 0
    for entry in scored:
        length = len(entry[0].text)
        if chunk and (len(chunk) == _MOST_MESSAGES or characters + length > _MOST_CHARACTERS):
            yield chunk
            chunk, characters = [], 0
        chunk.append(entry)
        characters += length
    if chunk:
        yield chunk
