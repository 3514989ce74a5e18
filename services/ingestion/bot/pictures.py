"""Which of a photo's sizes is fetched, what a picture is by its first bytes, and when to look again; pure."""

from collections.abc import Sequence
from datetime import timedelta

from services.ingestion.bot.answers import PhotoSize

LARGEST = 1 << 20
"""Bytes of a picture."""

AGAIN = timedelta(days=30)
"""After which a picture, or that there is none, is looked at again."""

_WANTED = 160
_FIRST_WAIT = timedelta(minutes=15)


def best_size(sizes: Sequence[PhotoSize]) -> PhotoSize | None:
    """The smallest size that fills 160 pixels, else the largest; None when there is none."""
    ordered = sorted(sizes, key=lambda size: min(size.width, size.height))
    filling = [size for size in ordered if min(size.width, size.height) >= _WANTED]
    return next(iter(filling or reversed(ordered)), None)


def type_of(picture: bytes) -> str | None:
    """The media type of a picture; None for what is none that a browser may be shown."""
    if picture.startswith(b"\xff\xd8\xff"):
        return "image/jpeg"
    if picture.startswith(b"\x89PNG\r\n\x1a\n"):
        return "image/png"
    if picture[:4] == b"RIFF" and picture[8:12] == b"WEBP":
        return "image/webp"
    return None


def wait_after(attempts: int) -> timedelta:
    """How long to wait after so many failures in a row: each time four times as long, 30 days at the most."""
    return min(_FIRST_WAIT * (1 << 2 * min(attempts, 10)), AGAIN)
