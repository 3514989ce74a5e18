"""How a process shows NATS who it is, and knows that it is NATS: what its connections are made with."""

import ssl
from dataclasses import dataclass
from pathlib import Path
from typing import Any

DEFAULT_INBOX = "_INBOX"


@dataclass(frozen=True, slots=True)
class Access:
    """What belongs to every connection of a process.

    Attributes:
        nkey_file: The file with the seed of its NKEY; None shows none. It is read at every connect, so that a
            key that was replaced is used from the next one on.
        ca_file: The file with the certificates that the server's must be signed by, in PEM; None asks for no
            encryption beyond what the URL says.
        inbox_prefix: Where answers come to. No other service may listen there.
    """

    nkey_file: str | None = None
    ca_file: str | None = None
    inbox_prefix: str = DEFAULT_INBOX

    def check(self) -> None:
        """Look whether the files are there, as nobody would say so later.

        Raises:
            ValueError: When one is not; says which, and which setting names it.
        """
        for setting, path in (("TT_NATS_NKEY_FILE", self.nkey_file), ("TT_NATS_CA_FILE", self.ca_file)):
            if path is not None and not Path(path).is_file():
                raise ValueError(f"{setting}: there is no file {path}")

    def options(self) -> dict[str, Any]:
        """The same for nats-py's `Client.connect`."""
        options: dict[str, Any] = {"inbox_prefix": self.inbox_prefix}
        if self.nkey_file is not None:
            options["nkeys_seed"] = self.nkey_file
        if self.ca_file is not None:
            options["tls"] = ssl.create_default_context(cafile=self.ca_file)
        return options
