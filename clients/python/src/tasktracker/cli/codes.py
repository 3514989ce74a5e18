"""Exit codes."""

from enum import IntEnum


class ExitCode(IntEnum):
    """What the command ended with, for scripts.

    Attributes:
        DONE: It was done.
        REFUSED: The server refused, and said why: not found, a conflict, not valid.
        USAGE: The command line cannot be understood, or nobody said which server.
        UNREACHABLE: Nothing answered, or not now; trying again later may help.
        NOT_ALLOWED: The key is not valid, or may not do this.
        FAILED: What was waited for, or looked at, failed.
        INTERRUPTED: Ctrl-C.
    """

    DONE = 0
    REFUSED = 1
    USAGE = 2
    UNREACHABLE = 3
    NOT_ALLOWED = 4
    FAILED = 5
    INTERRUPTED = 130
