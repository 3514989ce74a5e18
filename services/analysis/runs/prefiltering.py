"""Which messages of a window a run reads: noise, what is too short or about something else is not. Pure."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from services.analysis.keywords import Keywords, prepare
from shared.contracts.projects import ProjectRecord
from shared.contracts.scoring import MessageClass

_MENTION = re.compile(r"(?<![\w@])@(\w+)")


@dataclass(frozen=True, slots=True)
class Prefilter:
    """What a project reads.

    Attributes:
        mentioned: Usernames without `@`, in lower case.
    """

    keywords: Keywords | None
    mentioned: frozenset[str]
    min_length: int

    @classmethod
    def of(cls, project: ProjectRecord) -> "Prefilter":
        """The prefilter that a project asks for."""
        return cls(
            keywords=prepare(project.keywords) if project.keywords else None,
            mentioned=frozenset(name.removeprefix("@").casefold() for name in project.mentions),
            min_length=project.min_length,
        )

    def passes(self, text: str, message_class: MessageClass | None) -> bool:
        """Whether a message is read.

        Args:
            text: What it says.
            message_class: None when it has no score yet: it is not taken for noise then.
        """
        if message_class == "noise":
            return False
        if self.mentioned and not self.mentioned.isdisjoint(_mentions(text)):
            return True
        if len(text.strip()) < self.min_length:
            return False
        return self.keywords is None or self.keywords.are_in(text)


def _mentions(text: str) -> Sequence[str]:
    return [name.casefold() for name in _MENTION.findall(text)]
