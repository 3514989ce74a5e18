"""Every command, in one place."""

from importlib.metadata import version
from typing import Annotated

import typer

from tasktracker.cli import (
    account,
    atoms,
    bot,
    dead,
    imports,
    jobs,
    keys,
    login,
    messages,
    projects,
    queues,
    review,
    run_making,
    runs,
    search,
    status,
    topics,
    watch,
    webhook,
)
from tasktracker.cli.options import examples

app = typer.Typer(
    name="tasktracker",
    help="Task Tracker: team chat in; scored messages, reviewed knowledge and tasks out.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog=examples(
        "login --local",
        "import result.json",
        "search 'чому пошук думає так довго?'",
        "run create --since 14d",
        "review RUN",
    ),
)
app.command("login", epilog=login.EXAMPLES)(login.login)
app.command("logout")(login.logout)
app.command("status", epilog=status.EXAMPLES)(status.status)
app.command("import", epilog=imports.EXAMPLES)(imports.import_)
app.add_typer(jobs.app, name="jobs")
app.command("search", epilog=search.EXAMPLES)(search.search)
app.command("messages", epilog=messages.EXAMPLES)(messages.messages)
app.command("topics", epilog=topics.EXAMPLES)(topics.topics)
app.command("atoms", epilog=atoms.EXAMPLES)(atoms.atoms)
app.add_typer(projects.app, name="project")
runs.app.command("create")(run_making.create)
app.add_typer(runs.app, name="run")
app.command("review", epilog=review.EXAMPLES)(review.review)
app.add_typer(queues.app, name="queues")
app.add_typer(dead.app, name="dead")
app.add_typer(keys.app, name="keys")
app.add_typer(bot.app, name="bot")
app.add_typer(webhook.app, name="webhook")
app.add_typer(account.app, name="account")
app.command("watch", epilog=watch.EXAMPLES)(watch.watch)


def _show_version(wanted: bool) -> None:  # noqa: FBT001 - Typer hands the value over so
    if wanted:
        typer.echo(f"tasktracker {version('task-tracker-client')}")
        raise typer.Exit


@app.callback()
def _options(
    *,
    version: Annotated[
        bool,
        typer.Option("--version", callback=_show_version, is_eager=True, help="Say the version, and end."),
    ] = False,
) -> None:
    pass
