"""The command `tasktracker`: Task Tracker from a terminal, and from scripts."""

from tasktracker.cli.frame import main

__all__ = ["main"]
