"""Questions to the person at the terminal; from a script they are answered by its options and its stdin."""

import sys

import typer

from tasktracker.cli.terminal import say


def confirm(question: str, *, yes: bool) -> None:
    """Go on only when the answer is yes.

    Raises:
        typer.BadParameter: Nobody is there to answer, and `--yes` was not given.
        typer.Exit: The answer is no.
    """
    if yes:
        return
    if not sys.stdin.isatty():
        raise typer.BadParameter(f"{question} Nobody can answer here: add --yes.")
    if not typer.confirm(question, err=True):
        say("Nothing was done.")
        raise typer.Exit(1)


def secret(name: str) -> str:
    """Something that nobody may see: asked for without an echo, or the first line of stdin.

    Raises:
        typer.BadParameter: Nothing came.
    """
    at_terminal = sys.stdin.isatty()
    given = str(typer.prompt(name, hide_input=True, err=True)) if at_terminal else sys.stdin.readline()
    if not given.strip():
        raise typer.BadParameter(f"{name}: nothing was given.")
    return given.strip()


def answer(name: str) -> str:
    """Something that has to be said: asked for, or the next line of stdin.

    Raises:
        typer.BadParameter: Nothing came.
    """
    given = line(name)
    if not given:
        raise typer.BadParameter(f"{name}: nothing was given.")
    return given


def line(question: str) -> str | None:
    """A line that the person types, without blanks around it; None when stdin is at its end."""
    if sys.stdin.isatty():
        return str(typer.prompt(question, default="", show_default=False, err=True)).strip()
    text = sys.stdin.readline()
    return text.strip() if text else None


def key(question: str) -> str | None:
    """One key: at a terminal as it is pressed, else the next line's first letter; None at the end."""
    if not sys.stdin.isatty():
        typed = line(question)
        return typed[:1] if typed is not None else None
    typer.echo(f"{question} ", nl=False, err=True)
    pressed = typer.getchar()
    typer.echo(pressed if pressed.isprintable() else "", err=True)
    if pressed in {"\x03", "\x04"}:
        return None
    return pressed
