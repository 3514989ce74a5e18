"""Telegram behind Telethon's own client, for tests: the real client speaks to a far side that a test scripts.

telegram = Telegram()
chat = telegram.supergroup("Полиця", messages=250)
telegram.then(Flood(2), Short(10), Lost())     # what the next calls for history get; then it is well again
bind_client(telegram.client)
...
assert len(telegram.asked("GetHistoryRequest")) == 5

Only the encrypted transport is left out: every request and answer goes through Telegram's own serialization
(TL, layer of the installed Telethon), and every refusal is the class that Telethon raises for it.
"""

from tests.fakes.telethon.chats import FakeChat
from tests.fakes.telethon.misbehaviour import (
    Flood,
    GivenUp,
    Hangs,
    Lost,
    Misbehaviour,
    Refuses,
    Repeats,
    Short,
)
from tests.fakes.telethon.telegram import CODE, PASSWORD, PHONE, Telegram

__all__ = [
    "CODE",
    "PASSWORD",
    "PHONE",
    "FakeChat",
    "Flood",
    "GivenUp",
    "Hangs",
    "Lost",
    "Misbehaviour",
    "Refuses",
    "Repeats",
    "Short",
    "Telegram",
]
