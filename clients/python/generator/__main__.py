"""`python -m clients.python.generator`: write the client's records and operations anew."""

import sys

from clients.python.generator.document import read_document
from clients.python.generator.writing import generate, write


def main() -> None:
    """Write what differs, and say what that was."""
    for line in write(generate(read_document())) or ["Everything is up to date."]:
        sys.stdout.write(f"{line}\n")


main()
