"""What calls of language models take."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Usage:
    """What one answer took, or several.

    Attributes:
        cost: US dollars.
        duration_ms: Retries and repair included.
        attempts: Requests that were sent.
        cached: Nothing was called: all other figures are zero.
    """

    input_tokens: int = 0
    output_tokens: int = 0
    cost: float = 0.0
    duration_ms: float = 0.0
    attempts: int = 0
    cached: bool = False

    @property
    def tokens(self) -> int:
        """Input and output together."""
        return self.input_tokens + self.output_tokens

    def __add__(self, other: "Usage") -> "Usage":
        return Usage(
            input_tokens=self.input_tokens + other.input_tokens,
            output_tokens=self.output_tokens + other.output_tokens,
            cost=self.cost + other.cost,
            duration_ms=self.duration_ms + other.duration_ms,
            attempts=self.attempts + other.attempts,
        )


NOTHING = Usage()
"""What is taken where nothing is done."""
