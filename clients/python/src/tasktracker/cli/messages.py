"""`messages`: what was said, and how important it is."""

from typing import Annotated

import typer
from rich.text import Text

from tasktracker.cli.options import Json, Limit, Since, Until, connected, examples, first, page_size
from tasktracker.cli.search import MessageClass
from tasktracker.cli.terminal import facts, moment, plain, show, show_json, table
from tasktracker.records.messages import MessageItem, ScoreRecord

EXAMPLES = examples(
    "messages --class signal --since 7d",
    "messages 1204            one message, with every factor of its score",
    "messages --json | jq -r '.[].text'",
)
_STYLES = {"signal": "green", "weak_signal": "yellow", "noise": "dim"}


def messages(
    message_id: Annotated[int | None, typer.Argument(metavar="[ID]", help="One message, by our id.")] = None,
    *,
    class_: Annotated[
        MessageClass | None, typer.Option("--class", help="Only messages of this class.")
    ] = None,
    chat: Annotated[int | None, typer.Option(help="Only this chat, by its id.")] = None,
    author: Annotated[int | None, typer.Option(help="Only messages of this user, by its id.")] = None,
    since: Since = None,
    until: Until = None,
    limit: Limit = 20,
    json: Json = False,
) -> None:
    """List messages, newest first, or show one."""
    if message_id is not None:
        _show_one(message_id, json=json)
        return
    with connected() as client:
        found = client.messages.iterate(
            class_=class_, chat_id=chat, author_id=author, since=since, until=until, limit=page_size(limit)
        )
        items = first(found, limit)
    if json:
        show_json(items)
        return
    rows = [
        (str(item.id), moment(item.sent_at), _score(item.score), _author(item), item.text) for item in items
    ]
    show(table(("id", "sent", "score", "author", "text"), rows, right=("id",), wide="text"))


def _show_one(message_id: int, *, json: bool) -> None:
    with connected() as client:
        message = client.messages.get(message_id)
    if json:
        show_json(message)
        return
    show(
        facts(
            [
                ("message", f"{message.id} ({message.telegram_message_id} in Telegram)"),
                ("chat", message.chat.title or str(message.chat.id)),
                ("author", _author(message)),
                ("sent", moment(message.sent_at)),
                ("score", _score(message.score)),
                *_factors(message.score),
                ("text", message.text),
            ]
        )
    )


def _factors(score: ScoreRecord | None) -> list[tuple[str, str]]:
    found = []
    for name, factor in (score.noise_factors if score else {}).items():
        if isinstance(factor, dict) and isinstance(factor.get("value"), int | float):
            found.append((f"  {plain(name)}", f"{factor['value']:.2f}"))
    return found


def _score(score: ScoreRecord | None) -> Text:
    if score is None:
        return Text("not yet", style="dim")
    style = _STYLES.get(score.message_class, "")
    return Text(f"{score.importance_score:.2f} {score.message_class}", style=style)


def _author(message: MessageItem) -> str:
    return message.author.name if message.author else ""
