"""One worker's turn at an experiment."""

from dataclasses import dataclass
from uuid import UUID

from shared.contracts.experiments import ExperimentRecord
from shared.llm.turns import Turn


@dataclass(frozen=True, slots=True)
class Run:
    """One worker's work on an experiment.

    Attributes:
        record: The experiment as it was when this turn began.
        turn: Whose it is; asks the experiment's model.
    """

    record: ExperimentRecord
    turn: Turn

    @property
    def id(self) -> UUID:
        """The experiment's id."""
        return self.record.id
