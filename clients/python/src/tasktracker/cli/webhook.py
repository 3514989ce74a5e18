"""`webhook`: where Telegram sends what the bot is told."""

from typing import Annotated

import typer

from tasktracker.cli import asking
from tasktracker.cli.options import Json, Yes, connected, examples
from tasktracker.cli.terminal import facts, moment, show, show_json
from tasktracker.records.telegram_webhook import WebhookRecord

app = typer.Typer(
    help="The bot's webhook. Needs the scope admin.",
    no_args_is_help=True,
    epilog=examples("webhook set", "webhook set https://tasks.example.org/webhook/telegram", "webhook show"),
)


@app.command("set")
def set_webhook(
    url: Annotated[
        str | None,
        typer.Argument(metavar="[URL]", help="A public https address; the server's own when left out."),
    ] = None,
    *,
    connections: Annotated[
        int | None, typer.Option(min=1, max=100, help="Updates that Telegram may send at the same time.")
    ] = None,
    json: Json = False,
) -> None:
    """Tell Telegram to send updates here. Polling is switched off by it."""
    with connected() as client:
        _told(client.telegram.webhook.set(url=url, max_connections=connections), json=json)


@app.command("show")
def show_webhook(*, json: Json = False) -> None:
    """Show what Telegram knows of the webhook: how much waits, and what went wrong last."""
    with connected() as client:
        _told(client.telegram.webhook.get(), json=json)


@app.command("delete")
def delete_webhook(*, yes: Yes = False, json: Json = False) -> None:
    """Tell Telegram to send nothing. What comes meanwhile is kept there for 24 hours."""
    asking.confirm("Delete the webhook?", yes=yes)
    with connected() as client:
        _told(client.telegram.webhook.delete(), json=json)


def _told(webhook: WebhookRecord, *, json: bool) -> None:
    if json:
        show_json(webhook)
        return
    error = webhook.last_error_message
    rows = [
        ("webhook", webhook.url or "none is set"),
        ("mind", "" if webhook.is_ours or webhook.url is None else "another installation set it"),
        ("waiting", str(webhook.pending_update_count)),
        ("error", f"{moment(webhook.last_error_at)} {error}" if error else ""),
        ("kinds", ", ".join(webhook.allowed_updates)),
        ("address", webhook.ip_address or ""),
    ]
    show(facts((name, value) for name, value in rows if value))
