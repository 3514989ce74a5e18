"""Try history with Telegram itself: `python -m tests.manual.telegram_history`.

Needs an account of yours, and credentials of https://my.telegram.org; no test does. IT WAS NEVER RUN AGAINST
THE REAL TELEGRAM: all that is known comes from tests of Telethon's own client with a scripted far side. It
asks for what it needs, signs in as one more device, reads the newest 200 messages of one chat of your choice
with the service's own code, says what it made of them, and signs out again. Nothing is stored.
"""

import asyncio
from collections import Counter
from getpass import getpass
from typing import Any

from telethon import TelegramClient, errors
from telethon.sessions import StringSession

from services.ingestion.history.client import telethon_client
from services.ingestion.history.failures import FLOOD
from services.ingestion.history.listing import listed
from services.ingestion.history.requests import former_group, full_channel_request, history_request
from services.ingestion.repository.history import ChatToRead
from services.ingestion.repository.telegram_chats import ListedChat
from services.ingestion.telegram.history_pages import Window, read_page
from services.ingestion.telegram.incoming import IncomingChat

_SHOWN = 30
_PAGES = 2


async def main() -> None:
    """Sign in, read, say what came, sign out."""
    client = telethon_client(
        StringSession(""), int(await _asked("api_id: ")), await _asked_unseen("api_hash (not shown): ")
    )
    await client.connect()
    try:
        await _sign_in(client)
        me = await client.get_me()
        print(f"ok      signed in as {me.first_name} at data centre {client.session.dc_id}")
        chats = [listed(dialog) async for dialog in client.iter_dialogs(limit=_SHOWN)]
        for number, chat in enumerate(chats):
            print(f"        {number:3} {chat.type:10} {chat.telegram_id:>15} {chat.title}")
        await _read(client, chats[int(await _asked("Which one to read: "))], me.id)
    finally:
        print("ok      signed out" if await client.log_out() else "FAILED  to sign out: end it in Devices")


async def _sign_in(client: TelegramClient) -> None:
    phone = await _asked("Phone, as +380441234567: ")
    sent = await client.send_code_request(phone)
    print(f"ok      a code was sent: {type(sent.type).__name__}")
    # A new client with the same session goes on, as another replica would.
    assert StringSession(client.session.save()).auth_key == client.session.auth_key
    try:
        await client.sign_in(
            phone, await _asked_unseen("Code (not shown): "), phone_code_hash=sent.phone_code_hash
        )
    except errors.SessionPasswordNeededError:
        await client.sign_in(password=await _asked_unseen("Password (not shown): "))


async def _read(client: TelegramClient, chat: ListedChat, self_id: int) -> None:
    if chat.type == "supergroup":
        former = former_group(await client(full_channel_request(_place(chat, 0))))
        print(f"ok      getFullChannel: {f'was the group {former[0]}' if former else 'was no group before'}")
    before = 0
    for _ in range(_PAGES):
        answer = await _waiting(client, _place(chat, before))
        known = IncomingChat(chat.telegram_id, chat.type, chat.title)
        page = read_page(answer, known, before, Window(), self_id)
        kinds = Counter(message.kind for message in page.messages)
        print(f"ok      getHistory below {before}: {dict(kinds)}, about {page.total} in all")
        for position, reason in page.errors:
            print(f"FAILED  {position}: {reason}")
        for message in page.messages[-3:]:
            print(f"        {message.telegram_message_id}: {message.text[:70]!r}, topic {message.thread_id}")
        if page.is_last:
            return
        before = page.oldest_id


async def _waiting(client: TelegramClient, place: ChatToRead) -> Any:
    while True:
        try:
            return await client(history_request(place, None))
        except FLOOD as flood:
            print(f"ok      Telegram asks for a rest of {flood.seconds} s")
            await asyncio.sleep(flood.seconds)


async def _asked(prompt: str) -> str:
    return await asyncio.to_thread(input, prompt)


async def _asked_unseen(prompt: str) -> str:
    return await asyncio.to_thread(getpass, prompt)


def _place(chat: ListedChat, before: int) -> ChatToRead:
    return ChatToRead(
        place=0,
        telegram_id=chat.telegram_id,
        access_hash=chat.access_hash,
        type=chat.type,
        title=chat.title,
        migrated_to=chat.migrated_to,
        status="running",
        oldest_id=before,
        messages_fetched=0,
        messages_total=None,
    )


if __name__ == "__main__":
    asyncio.run(main())
