"""Messages as Telegram's own API gives them, to build test cases from: Telethon's types."""

from datetime import UTC, datetime
from typing import Any

from telethon.tl import types

from services.ingestion.telegram.history_messages import (
    history_chat,
    peers_by_id,
    read_history_message,
)
from services.ingestion.telegram.incoming import IncomingMessage
from tests.unit.ingestion.shapes import BARE_CHAT_ID, CHAT_ID, SENT

OLENA_ID = 418230771
ME_ID = 700001
AT = datetime.fromtimestamp(SENT, UTC)

GROUP = types.Channel(
    id=BARE_CHAT_ID,
    title="Полиця",
    photo=types.ChatPhotoEmpty(),
    date=AT,
    megagroup=True,
    forum=True,
)
DOU = types.Channel(id=9, title="DOU", photo=types.ChatPhotoEmpty(), date=AT, broadcast=True)
OLENA = types.User(id=OLENA_ID, first_name="Олена", last_name="Кравчук", lang_code="uk")
ME = types.User(id=ME_ID, first_name="Марта", username="marta", is_self=True)
PEERS = peers_by_id([OLENA, ME], [GROUP, DOU])


def api_message(**fields: Any) -> types.Message:
    """A text message in the supergroup, with these fields changed."""
    values = {
        "id": 77,
        "peer_id": types.PeerChannel(BARE_CHAT_ID),
        "date": AT,
        "message": "",
        "from_id": types.PeerUser(OLENA_ID),
    }
    return types.Message(**{**values, **fields})


def service(action: Any, **fields: Any) -> types.MessageService:
    """A service message in the supergroup."""
    values = {
        "id": 77,
        "peer_id": types.PeerChannel(BARE_CHAT_ID),
        "date": AT,
        "action": action,
        "from_id": types.PeerUser(OLENA_ID),
    }
    return types.MessageService(**{**values, **fields})


def document(*attributes: Any) -> types.MessageMediaDocument:
    """A file with these attributes."""
    found = types.Document(
        id=1,
        access_hash=1,
        file_reference=b"",
        date=AT,
        mime_type="",
        size=1,
        dc_id=2,
        attributes=list(attributes),
    )
    return types.MessageMediaDocument(document=found)


def read(message: Any, chat_id: int = CHAT_ID, entity: Any = GROUP) -> IncomingMessage:
    """What the service reads of a message."""
    return read_history_message(message, history_chat(chat_id, entity), PEERS, ME_ID)
