"""`bot`: the installation's Telegram bot, and fetching what it is told."""

from typing import Annotated, Literal

import typer

from tasktracker.cli import asking
from tasktracker.cli.options import Json, Yes, connected, examples
from tasktracker.cli.terminal import facts, moment, say, show, show_json
from tasktracker.records.telegram_bot import BotRecord

app = typer.Typer(
    help="The Telegram bot. Needs the scope admin.",
    no_args_is_help=True,
    epilog=examples(
        "bot set              asks for the token that BotFather gave you",
        "bot set < token      takes it from a file",
        "bot polling on       for a machine without a public address",
        "webhook set          for one that has one",
    ),
)


@app.command("set")
def set_bot(*, json: Json = False) -> None:
    """Set the bot's token: asked for without an echo, or the first line of stdin. It is kept encrypted."""
    token = asking.secret("Bot token")
    with connected() as client:
        bot = client.telegram.bot.set(token)
    if json:
        show_json(bot)
    else:
        _show(bot)


@app.command("show")
def show_bot(*, json: Json = False) -> None:
    """Show the bot, how updates come here, and what stands in their way."""
    with connected() as client:
        bot = client.telegram.bot.get()
    if json:
        show_json(bot)
    else:
        _show(bot)


@app.command("delete")
def delete_bot(*, yes: Yes = False, json: Json = False) -> None:
    """Forget the bot with its token; messages that came by it stay."""
    asking.confirm("Forget the bot? Nothing comes from Telegram any more.", yes=yes)
    with connected() as client:
        client.telegram.bot.delete()
    if json:
        show_json({"deleted": True})
    else:
        say("The bot is forgotten.")


@app.command("polling")
def polling(
    switch: Annotated[Literal["on", "off", "show"], typer.Argument(help="on, off, or how it goes.")] = "show",
    *,
    json: Json = False,
) -> None:
    """Fetch updates from Telegram, for a machine without a public address; or stop, or show how it goes."""
    with connected() as client:
        part = client.telegram.polling
        state = part.set() if switch == "on" else part.delete() if switch == "off" else part.get()
    if json:
        show_json(state)
        return
    rows = [
        ("polling", "on" if state.on else "off"),
        ("last update", moment(state.last_update_at)),
        ("error", f"{moment(state.last_error_at)} {state.last_error}" if state.last_error else ""),
    ]
    show(facts((name, value) for name, value in rows if value))


def _show(bot: BotRecord) -> None:
    rows = [
        ("bot", f"@{bot.username} ({bot.name})"),
        ("updates", f"by {bot.updates}" if bot.updates != "none" else "none come: see below"),
        ("webhook", bot.webhook_url or ""),
        ("last update", moment(bot.last_update_at)),
        ("error", f"{moment(bot.last_error_at)} {bot.last_error}" if bot.last_error else ""),
        ("set", f"{moment(bot.set_at)} by {bot.set_by}"),
        *(("mind", hint) for hint in bot.hints),
    ]
    show(facts((name, value) for name, value in rows if value))
    if bot.updates == "none":
        say("Let updates come: tasktracker webhook set, or tasktracker bot polling on")
