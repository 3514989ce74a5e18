"""Where a running system is entered, and by which key: all that its first minute has to know of it."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Door:
    """One system's gateway.

    Attributes:
        url: Where it answers.
        api_key: An admin's.
        page: The link that opens the page for a person, or how to get it.
        logs: Where what the programs say is found.
        goodbye: What the terminal is for from then on.
    """

    url: str
    api_key: str
    page: str
    logs: str
    goodbye: str
