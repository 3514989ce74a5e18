"""Chats and people on the far side, made of Telethon's own types."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from telethon.tl import types

BEGAN = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


def user(user_id: int, first_name: str, last_name: str | None = None, **fields: Any) -> types.User:
    """A person."""
    values = {"access_hash": user_id * 7, "first_name": first_name, "last_name": last_name}
    return types.User(id=user_id, **{**values, **fields})


ME = user(700001, "Марта", "Гнатюк", username="marta", is_self=True, phone="380441234567")
OLENA = user(418230771, "Олена", "Кравчук")


@dataclass
class FakeChat:
    """A chat with its messages by id.

    Attributes:
        entity: The chat as the account sees it.
        has_left: The account may not read it any more.
        former: Bare id of the group that it was before.
    """

    entity: Any
    messages: dict[int, Any] = field(default_factory=dict)
    has_left: bool = False
    former: int | None = None

    @property
    def peer(self) -> Any:
        """How its messages name it."""
        if isinstance(self.entity, types.Channel):
            return types.PeerChannel(self.entity.id)
        if isinstance(self.entity, types.Chat):
            return types.PeerChat(self.entity.id)
        return types.PeerUser(self.entity.id)

    @property
    def telegram_id(self) -> int:
        """In Bot API form."""
        if isinstance(self.entity, types.Channel):
            return -(10**12) - int(self.entity.id)
        return -int(self.entity.id) if isinstance(self.entity, types.Chat) else int(self.entity.id)

    def say(self, text: str, **fields: Any) -> Any:
        """Somebody writes, a minute after the one before."""
        number = fields.pop("id", max(self.messages, default=0) + 1)
        values = {
            "peer_id": self.peer,
            "date": BEGAN + timedelta(minutes=number),
            "from_id": None if isinstance(self.entity, types.User) else types.PeerUser(OLENA.id),
        }
        made = types.Message(id=number, message=text, **{**values, **fields})
        self.messages[number] = made
        return made

    def happen(self, action: Any, **fields: Any) -> Any:
        """Something happens, as a service message."""
        number = fields.pop("id", max(self.messages, default=0) + 1)
        values = {
            "peer_id": self.peer,
            "date": BEGAN + timedelta(minutes=number),
            "from_id": types.PeerUser(OLENA.id),
        }
        made = types.MessageService(id=number, action=action, **{**values, **fields})
        self.messages[number] = made
        return made
