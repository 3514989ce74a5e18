"""What the steps of saving a conversation share."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from services.knowledge.parts import Part
from services.knowledge.running import Run
from services.knowledge.verification import FoundAtom
from shared.contracts.ingestion import MessageRecord
from shared.contracts.revisions import RuleRecord
from shared.messaging.transaction import Transaction


class ChangedError(Exception):
    """A message of the conversation was edited, or is the extraction's no more: it has to be read anew."""


class OutdatedError(Exception):
    """Others have made or changed what the plan rests on: it has to be made anew."""


@dataclass(frozen=True, slots=True)
class Work:
    """One conversation being saved.

    Attributes:
        rules: The automation rules that decide.
        counts: What it came to, by the columns of the extraction.
        new_atoms: Ids of the atoms that were made and stand.
    """

    tx: Transaction
    run: Run
    part: Part
    rules: Sequence[RuleRecord]
    counts: Counter[str] = field(default_factory=Counter)
    new_atoms: set[int] = field(default_factory=set)

    def quotes(self, atom: FoundAtom) -> list[tuple[MessageRecord, str]]:
        """An atom's proofs, each with its message."""
        return [(self.part.lines[proof.line - 1], proof.words) for proof in atom.proofs]
