"""How the gateway writes Dramatiq messages: JSON in UTF-8."""

import dramatiq
import msgspec
from dramatiq.encoder import JSONEncoder, MessageData


class Utf8Encoder(JSONEncoder):
    """Dramatiq's JSON, without escaping: Cyrillic takes a third of the room, any reader reads it."""

    def encode(self, data: MessageData) -> bytes:
        """Encode a message."""
        return msgspec.json.encode(data)


def write_utf8() -> None:
    """Have this process write its messages so."""
    dramatiq.set_encoder(Utf8Encoder())
