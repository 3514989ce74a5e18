"""What a snapshot is made of. Pure values."""

from dataclasses import dataclass

from shared.contracts.experiments import SnapshotTopic


@dataclass(frozen=True, slots=True)
class LabelledMessage:
    """A message with the topic that it is of."""

    message_id: int
    topic_id: int
    text: str


@dataclass(frozen=True, slots=True)
class Gathered:
    """What a snapshot is made of: topics by name, messages in id order."""

    topics: list[SnapshotTopic]
    messages: list[LabelledMessage]
