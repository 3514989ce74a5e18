"""Where a running system is entered, and by which key: all that its first minute has to know of it."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Door:
    """One system's gateway.

    Attributes:
        url: Where it answers whoever is here.
        api_key: An admin's.
        public_url: Where it answers people.
        page: How to open its page.
        logs: Where what the programs say is found.
        goodbye: What the terminal is for from then on.
    """

    url: str
    api_key: str
    public_url: str
    page: str
    logs: str
    goodbye: str
