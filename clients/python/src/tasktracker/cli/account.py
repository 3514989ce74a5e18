"""`account`: the Telegram account by which history is read."""

import functools
import sys
from collections.abc import Callable
from typing import Annotated

import typer

from tasktracker.cli import asking
from tasktracker.cli.options import Json, Limit, Yes, connected, examples, first, page_size
from tasktracker.cli.terminal import facts, moment, say, show, show_json, table
from tasktracker.client import Client
from tasktracker.errors import Invalid
from tasktracker.records.telegram_account import AccountRecord

app = typer.Typer(
    help="The Telegram account by which history is read. Needs the scope admin.",
    no_args_is_help=True,
    epilog=examples(
        "account sign-in           asks for phone, code and password",
        "account session < file    takes a session string of Telethon instead",
        "account chats --search backend",
        "import --chats -1001234567890 --since 2026-01-01",
    ),
)


@app.command("sign-in")
def sign_in(
    phone: Annotated[
        str | None, typer.Argument(metavar="[PHONE]", help="In international form; asked for when left out.")
    ] = None,
    *,
    json: Json = False,
) -> None:
    """Sign in: Telegram sends a code, which is asked for, and a password where the account has one.

    From a script, stdin has a line for each answer. A sign-in that was broken off goes on where it was.
    """
    with connected() as client:
        account = client.telegram.account.get()
        if account.state == "signed_in":
            say(f"{_name(account)} is signed in already; sign it out first: tasktracker account sign-out")
        else:
            account = _sign_in(client, account, phone)
    _told(account, json=json)


def _sign_in(client: Client, account: AccountRecord, phone: str | None) -> AccountRecord:
    part = client.telegram.account
    if account.state not in {"code_sent", "password_needed"} or phone is not None:
        account = part.code(phone or asking.answer("Phone, in international form"))
    while account.state == "code_sent":
        via = f" by {account.code_via}" if account.code_via else ""
        code = asking.answer(f"Code that Telegram sent{via}")
        account = _asked(account, functools.partial(part.sign_in, code=code))
    while account.state == "password_needed":
        password = asking.secret("Password of two-step verification")
        account = _asked(account, functools.partial(part.sign_in, password=password))
    return account


def _asked(account: AccountRecord, go_on: Callable[[], AccountRecord]) -> AccountRecord:
    """The account one step on; as it was when a person mistyped and may try again."""
    try:
        return go_on()
    except Invalid as problem:
        if not sys.stdin.isatty():
            raise
        say(f"{problem}", style="red")
        return account


@app.command("session")
def session(*, json: Json = False) -> None:
    """Sign in by a session string of Telethon: asked for without an echo, or the first line of stdin."""
    given = asking.secret("Session string")
    with connected() as client:
        _told(client.telegram.account.set(given), json=json)


@app.command("show")
def show_account(*, json: Json = False) -> None:
    """Show the account, and what is wrong with it."""
    with connected() as client:
        _told(client.telegram.account.get(), json=json)


@app.command("sign-out")
def sign_out(*, yes: Yes = False, json: Json = False) -> None:
    """Sign the account out, in Telegram too; messages that came by it stay."""
    asking.confirm("Sign the account out?", yes=yes)
    with connected() as client:
        _told(client.telegram.account.delete(), json=json)


@app.command("chats")
def chats(
    *,
    search: Annotated[
        str | None, typer.Option(help="Only those with this in their title or username.")
    ] = None,
    limit: Limit = 50,
    json: Json = False,
) -> None:
    """List the chats that the account is in, and how many of their messages are here."""
    with connected() as client:
        found = first(client.telegram.chats.iterate(search=search, limit=page_size(limit)), limit)
    if json:
        show_json(found)
        return
    rows = [
        (str(each.telegram_id), each.type, str(each.messages), moment(each.last_message_at), each.title or "")
        for each in found
    ]
    show(table(("chat", "type", "here", "last message", "title"), rows, right=("chat", "here"), wide="title"))
    say("Import some: tasktracker import --chats CHAT")


def _name(account: AccountRecord) -> str:
    return f"@{account.username}" if account.username else account.name or account.phone or "The account"


def _told(account: AccountRecord, *, json: bool) -> None:
    if json:
        show_json(account)
        return
    rows = [
        ("account", _name(account) if account.state != "none" else "none is signed in"),
        ("state", account.state.replace("_", " ")),
        ("phone", account.phone or ""),
        ("since", moment(account.signed_in_at)),
        ("mind", "" if account.is_configured else "set TT_TELEGRAM_API_ID and TT_TELEGRAM_API_HASH"),
        ("problem", account.problem or ""),
    ]
    show(facts((name, value) for name, value in rows if value))
