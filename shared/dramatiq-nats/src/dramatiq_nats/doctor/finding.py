"""What is told of one thing that was looked at."""

import dataclasses
import enum


class Level(enum.StrEnum):
    """How bad a finding is."""

    OK = "ok"
    NOTE = "note"
    WARNING = "warning"
    ERROR = "error"


@dataclasses.dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at.

    Attributes:
      check: What.
      level: How bad.
      found: What was found.
      means: What follows, and what to do about it; empty when all is well.
    """

    check: str
    level: Level
    found: str
    means: str = ""
