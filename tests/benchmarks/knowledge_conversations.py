"""The labelled conversations, as an extractor is given them and as a reader sees them."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import msgspec

from services.knowledge.answers import ChatLine, Conversation

FOLDER = Path(__file__).parent / "knowledge"


class Source(msgspec.Struct, frozen=True):
    """Where a labelled atom was said: the message by its number in the conversation."""

    message: int
    quote: str


class Label(msgspec.Struct, frozen=True):
    """An atom that a careful reader sees; `accept_types` are what another reader could call it."""

    type: str
    topic: str
    statement: str
    sources: list[Source]
    accept_types: list[str]


class _Message(msgspec.Struct, frozen=True):
    id: int
    author: str
    sent_at: datetime
    reply_to: int | None
    text: str
    noise: bool


class _File(msgspec.Struct, frozen=True):
    name: str
    language: str
    chat: str
    messages: list[_Message]
    atoms: list[Label]


@dataclass(frozen=True)
class Labelled:
    """A conversation with its labels; `noise` holds the numbers of messages that nobody would keep."""

    name: str
    language: str
    conversation: Conversation
    atoms: list[Label]
    noise: frozenset[int]

    def text(self, number: int) -> str:
        """The text of a message."""
        return self.conversation.lines[number - 1].text

    def labels_of(self, number: int) -> int:
        """How many labelled atoms quote a message."""
        return sum(source.message == number for label in self.atoms for source in label.sources)


def labelled_conversations(part: str) -> Iterator[Labelled]:
    """The conversations of `development` or `unseen`, by name."""
    for path in sorted((FOLDER / part).glob("*.json")):
        yield read(path)


def read(path: Path) -> Labelled:
    """One labelled conversation, its messages numbered from 1."""
    content = msgspec.json.decode(path.read_bytes(), type=_File)
    numbers = {message.id: number for number, message in enumerate(content.messages, start=1)}
    lines = [
        ChatLine(
            number=numbers[message.id],
            author=message.author,
            sent_at=message.sent_at,
            text=message.text,
            reply_to=numbers.get(message.reply_to) if message.reply_to is not None else None,
        )
        for message in content.messages
    ]
    atoms = [
        msgspec.structs.replace(
            label, sources=[Source(numbers[source.message], source.quote) for source in label.sources]
        )
        for label in content.atoms
    ]
    return Labelled(
        name=content.name,
        language=content.language,
        conversation=Conversation(chat=content.chat, lines=lines),
        atoms=atoms,
        noise=frozenset(numbers[message.id] for message in content.messages if message.noise),
    )
