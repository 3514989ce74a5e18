"""`python -m tasktracker`: the command, where its script is not on the path."""

from tasktracker.cli import main

main()
