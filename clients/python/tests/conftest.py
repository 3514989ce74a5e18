"""What the tests of the client have in common."""

from collections.abc import Iterator

import pytest

from clients.python.tests.misbehaving import Server, misbehaving_server


@pytest.fixture
def server() -> Iterator[Server]:
    """A server that answers as it is told."""
    with misbehaving_server() as running:
        yield running
