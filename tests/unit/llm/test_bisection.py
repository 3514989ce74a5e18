"""One bad text fails alone; a server that takes none is another matter."""

import asyncio
from collections.abc import Sequence

import pytest

from shared.llm import ProviderUnavailableError
from shared.llm.bisection import Refused, embed_each
from shared.llm.failures import RefusedError


class Server:
    """Takes texts that are in none of these sets."""

    def __init__(self, bad: Sequence[str] = (), *, choking: Sequence[str] = (), longest: int = 10**6) -> None:
        self.bad, self.choking, self.longest = set(bad), set(choking), longest
        self.asked: list[list[str]] = []

    async def send(self, texts: Sequence[str]) -> list[Sequence[float]]:
        self.asked.append(list(texts))
        if self.bad & set(texts):
            raise RefusedError("HTTP 400: bad input", status=400)
        if self.choking & set(texts):
            raise ProviderUnavailableError("HTTP 500", kind="500")
        if any(len(text) > self.longest for text in texts):
            raise RefusedError("HTTP 400: maximum context length", status=400, code="context_length_exceeded")
        return [[float(len(text))] for text in texts]


def embed(texts: Sequence[str], server: Server) -> list[Sequence[float] | Refused]:
    return asyncio.run(embed_each(texts, server.send))


TEXTS = [f"text {number}" for number in range(100)]


@pytest.mark.parametrize("bad", [["text 0"], ["text 99"], ["text 3", "text 4", "text 77"]])
@pytest.mark.parametrize("way", ["bad", "choking"])
def test_bad_texts_fail_alone_with_their_reason(bad: list[str], way: str) -> None:
    server = Server(bad) if way == "bad" else Server(choking=bad)
    found = embed(TEXTS, server)
    refused = {text for text, each in zip(TEXTS, found, strict=True) if isinstance(each, Refused)}
    assert refused == set(bad)
    assert all("HTTP" in each.reason for each in found if isinstance(each, Refused))
    assert len(server.asked) < 50


def test_good_batch_is_one_request() -> None:
    server = Server()
    assert len(embed(TEXTS, server)) == 100
    assert len(server.asked) == 1


@pytest.mark.parametrize("status", [401, 404, 200])
def test_refusal_that_is_about_no_text_is_raised_at_once(status: int) -> None:
    asked = []

    async def send(texts: Sequence[str]) -> list[Sequence[float]]:
        asked.append(texts)
        raise RefusedError("no", status=status)

    with pytest.raises(RefusedError):
        asyncio.run(embed_each(TEXTS, send))
    assert len(asked) == 1


@pytest.mark.parametrize(
    "error", [RefusedError("no", status=400), ProviderUnavailableError("no", kind="500")]
)
def test_server_that_takes_not_even_a_harmless_text_fails_no_item(error: Exception) -> None:
    asked = []

    async def send(texts: Sequence[str]) -> list[Sequence[float]]:
        asked.append(texts)
        raise error

    with pytest.raises(type(error)):
        asyncio.run(embed_each(TEXTS, send))
    assert len(asked) == 2


@pytest.mark.parametrize("kind", ["503", "timeout", "connection", "429"])
def test_outage_is_the_whole_batch_s(kind: str) -> None:
    async def send(_: Sequence[str]) -> list[Sequence[float]]:
        raise ProviderUnavailableError("gone", kind=kind)

    with pytest.raises(ProviderUnavailableError):
        asyncio.run(embed_each(TEXTS, send))


def test_text_that_is_too_long_is_shortened_until_it_fits() -> None:
    found = embed(["short", "long" * 1000], Server(longest=600))
    assert found == [[5.0], [500.0]]
