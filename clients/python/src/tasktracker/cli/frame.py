"""The frame of every command: errors become a sentence on stderr and an exit code, never a traceback."""

import os
import sys

from tasktracker.cli.app import app
from tasktracker.cli.codes import ExitCode
from tasktracker.cli.terminal import say
from tasktracker.config import NotLoggedIn
from tasktracker.errors import (
    Forbidden,
    Internal,
    TaskTrackerError,
    TooManyRequests,
    Unauthorized,
    Unavailable,
    Unreachable,
)

_HINTS: dict[type[TaskTrackerError], str] = {
    Unreachable: "Is it running (`make status`), and is it the right address (`tasktracker login`)?",
    Unauthorized: "Run `tasktracker login` with a key that is valid.",
    Internal: "That is a defect of the server; its log has the details.",
}


def main() -> None:
    """Run the command line, and end the process."""
    try:
        app()
    except TaskTrackerError as error:
        say(f"{error}", style="red")
        if type(error) in _HINTS:
            say(_HINTS[type(error)])
        sys.exit(code_of(error))
    except BrokenPipeError:
        # Whoever read us, `head` for example, has enough; Python would complain once more at its end.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(ExitCode.DONE)
    except (OSError, ValueError) as error:
        say(f"{error}", style="red")
        sys.exit(ExitCode.USAGE)


def code_of(error: TaskTrackerError) -> ExitCode:
    """The exit code that an error ends the command with."""
    if isinstance(error, NotLoggedIn):
        return ExitCode.USAGE
    if isinstance(error, Unreachable | Unavailable | TooManyRequests):
        return ExitCode.UNREACHABLE
    return ExitCode.NOT_ALLOWED if isinstance(error, Unauthorized | Forbidden) else ExitCode.REFUSED
