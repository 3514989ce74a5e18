"""What hostile clients send: a clear refusal, or nothing that happens; and the next one is served as ever."""

import gzip
import json
import select
import socket
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from typing import Any
from uuid import uuid4

import httpx
import pytest

from services.gateway.http_protocol import LARGEST_HEAD, HttpProtocol
from tests.integration.gateway.stage import KEY, SECRET, Stage

API = "/api/v1"
DEADLINE = 20.0
AUTHORIZED = f"Host: x\r\nAuthorization: Bearer {KEY}\r\n"
JSON_HEADERS = {"Content-Type": "application/json"}


@contextmanager
def connected(stage: Stage) -> Iterator[socket.socket]:
    """A bare connection to the gateway."""
    port = httpx.URL(stage.url).port
    assert port is not None
    with closing(socket.create_connection(("127.0.0.1", port), timeout=DEADLINE)) as client:
        yield client


def until_closed(client: socket.socket) -> bytes:
    """All that the gateway says before it closes."""
    said = b""
    try:
        while piece := client.recv(65536):
            said += piece
    except ConnectionResetError:
        pass
    return said


def exchange(stage: Stage, sent: bytes) -> bytes:
    """What a bare connection is answered, until the gateway closes it."""
    with connected(stage) as client:
        client.sendall(sent)
        return until_closed(client)


def problem_in(answer: bytes) -> dict[str, Any]:
    """The problem that an answer is."""
    head, _, body = answer.partition(b"\r\n\r\n")
    assert b"application/problem+json" in head
    found: dict[str, Any] = json.loads(body)
    return found


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """A gateway that waits for fractions of a second."""
    monkeypatch.setattr(HttpProtocol, "head_seconds", 0.3)
    monkeypatch.setattr(HttpProtocol, "body_seconds", 0.3)


def dribble(client: socket.socket, text: bytes) -> None:
    """Send a byte now and then, until the gateway says something or has closed."""
    for place in range(len(text)):
        client.sendall(text[place : place + 1])
        if select.select([client], [], [], 0.05)[0]:
            return


@pytest.mark.usefixtures("impatient")
def test_head_that_is_dribbled_ends_the_connection(stage: Stage) -> None:
    with connected(stage) as client:
        try:
            dribble(client, b"GET /health HTTP/1.1\r\nHost: x\r\nX-A: " + b"b" * 1000)
        except (BrokenPipeError, ConnectionResetError):
            return
        problem = problem_in(until_closed(client))

    assert (problem["status"], problem["code"]) == (408, "timeout")


@pytest.mark.usefixtures("impatient")
def test_connection_that_says_nothing_is_closed(stage: Stage) -> None:
    with connected(stage) as client:
        assert until_closed(client) == b""


@pytest.mark.usefixtures("impatient")
@pytest.mark.parametrize("path", [f"{API}/topics", f"{API}/ingestion/imports", "/webhook/telegram"])
def test_body_that_is_dribbled_ends_the_connection(path: str, stage: Stage) -> None:
    head = f"POST {path} HTTP/1.1\r\n{AUTHORIZED}X-Telegram-Bot-Api-Secret-Token: {SECRET}\r\n"
    head += "Content-Type: application/json\r\nContent-Length: 100000\r\n\r\n"
    with connected(stage) as client:
        client.sendall(head.encode())
        try:
            dribble(client, b" " * 1000)
        except (BrokenPipeError, ConnectionResetError):
            return
        assert b"HTTP/1.1 2" not in until_closed(client)


def test_body_that_comes_slowly_but_comes_is_taken(
    stage: Stage, client: httpx.Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(HttpProtocol, "body_seconds", 2.0)
    monkeypatch.setattr(HttpProtocol, "body_bytes", 1)

    def pieces() -> Iterator[bytes]:
        yield b'{"name": "'
        for _ in range(12):
            yield b"a" * 15
            time.sleep(0.25)
        yield b'"}'

    answer = client.post(f"{API}/topics", content=pieces(), headers=JSON_HEADERS)

    assert answer.status_code in {201, 422}
    assert stage.services.knowledge is not None


def test_giant_and_many_headers_are_refused(stage: Stage) -> None:
    start = f"GET {API}/chats HTTP/1.1\r\n{AUTHORIZED}"
    giant = f"X-A: {'a' * (LARGEST_HEAD + 1)}\r\n"
    many = "".join(f"X-{number}: a\r\n" for number in range(200))
    line = f"GET /{'a' * (LARGEST_HEAD + 1)} HTTP/1.1\r\nHost: x\r\n"
    for head in (start + giant, start + many, line, start + giant * 20):
        answer = exchange(stage, f"{head}\r\n".encode())
        assert answer.startswith(b"HTTP/1.1 431 "), answer[:100]
        assert problem_in(answer)["code"] == "headers_too_large"
    # What never ends is refused before it does.
    assert exchange(stage, f"{start}X-A: {'a' * 200_000}".encode()).startswith(b"HTTP/1.1 431 ")


@pytest.mark.parametrize(
    "framing",
    [
        "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n",
        "Transfer-Encoding: chunked\r\nContent-Length: 5\r\n",
        "Content-Length: 5\r\nContent-Length: 6\r\n",
        "Content-Length: -5\r\n",
        "Content-Length: +5\r\n",
        "Content-Length: 5, 6\r\n",
        "Content-Length: 0x5\r\n",
        "Content-Length: 99999999999999999999999999\r\n",
        "Transfer-Encoding: xchunked\r\n",
        "Transfer-Encoding: chunked, identity\r\n",
        "Transfer-Encoding : chunked\r\n",
        "Transfer-Encoding:\x0bchunked\r\n",
    ],
)
def test_body_that_can_be_read_in_two_ways_is_refused(framing: str, stage: Stage) -> None:
    body = "0\r\n\r\nGET /api/v1/chats HTTP/1.1\r\n\r\n"
    sent = f"POST {API}/topics HTTP/1.1\r\n{AUTHORIZED}{framing}Content-Type: application/json\r\n\r\n{body}"

    answer = exchange(stage, sent.encode())

    assert answer.count(b"HTTP/1.1 ") == 1, answer
    assert answer[9:12] in {b"400", b"413", b"501"}, answer[:80]


@pytest.mark.parametrize(
    "sent",
    [
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
        b"GET\r\n\r\n",
        b"GET / HTTP/1.1\r\n\r\n",
        b"GET /\x00 HTTP/1.1\r\nHost: x\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: x\r\nHost: y\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: x\r\nX: a\x00b\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: x\r\nX: a\r\n b: c\r\nTransfer-Encoding: chunked\r\n\r\nZZ\r\n",
    ],
)
def test_what_is_no_request_is_refused(sent: bytes, stage: Stage) -> None:
    answer = exchange(stage, sent)

    assert answer.startswith(b"HTTP/1.1 400 "), answer[:100]
    assert problem_in(answer)["code"] == "bad_request"


def test_chunk_that_is_none_ends_the_connection_and_begins_nothing(stage: Stage) -> None:
    head = f"POST {API}/topics HTTP/1.1\r\n{AUTHORIZED}Transfer-Encoding: chunked\r\n\r\n"

    answer = exchange(stage, head.encode() + b'5\r\n{"tit\r\nnonsense\r\n')

    assert answer.startswith(b"HTTP/1.1 400 ")


def test_pipelined_requests_are_answered_in_order_each_by_itself(stage: Stage) -> None:
    one = f"GET {API}/chats HTTP/1.1\r\n{AUTHORIZED}\r\n"
    two = "GET /health/live HTTP/1.1\r\nHost: x\r\n\r\n"
    three = f"GET {API}/chats HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"

    answer = exchange(stage, (one + two + three).encode())

    statuses = [part[:3] for part in answer.split(b"HTTP/1.1 ")[1:]]
    assert statuses == [b"200", b"200", b"401"]


@pytest.mark.parametrize(
    ("body", "statuses"),
    [
        (b"[" * 100_000 + b"]" * 100_000, {400}),
        (b'{"name":' * 50_000 + b"1" + b"}" * 50_000, {400, 422}),
        (b'{"name": "A", "name": "\\u0000"}', {422}),
        (b'{"name": "A", "name": 5}', {422}),
        (b'{"name": "\xff\xfe"}', {400}),
        (b'{"name": "\\ud800"}', {400, 422}),
        (b'{"name": "Reliz"} {"name": "B"}', {400}),
        (b"\x00", {400}),
        (b"NaN", {400}),
        (b'{"name": 1e999}', {400, 422}),
        (b"9" * 5000, {400, 422}),
        (b"\xef\xbb\xbf{}", {400, 422}),
        (b'{"name": "' + b"a" * (2 << 20) + b'"}', {413}),
    ],
)
def test_json_that_is_meant_to_harm_is_refused(
    body: bytes, statuses: set[int], stage: Stage, client: httpx.Client
) -> None:
    answer = client.post(f"{API}/topics", content=body, headers=JSON_HEADERS)

    assert answer.status_code in statuses, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    assert not [query for query in stage.services.knowledge.asked if type(query).__name__ == "CreateTopic"]


@pytest.mark.parametrize("encoding", ["gzip", "deflate", "br", "zstd", "GZip", "gzip, gzip"])
@pytest.mark.parametrize("path", [f"{API}/topics", f"{API}/ingestion/imports"])
def test_compressed_body_is_refused_and_never_unpacked(
    path: str, encoding: str, client: httpx.Client
) -> None:
    bomb = gzip.compress(b" " * (8 << 20))

    answer = client.post(path, content=bomb, headers=JSON_HEADERS | {"Content-Encoding": encoding})

    assert answer.status_code == 415
    assert "Content-Encoding" in answer.json()["detail"]


@pytest.mark.parametrize(
    "path",
    [
        "/messages/0",
        "/messages/-1",
        "/messages/9223372036854775808",
        f"/messages/{'9' * 400}",
        "/topics/1e3",
        "/topics/0x10",
        "/topics/%00",
        "/topics/1%2F..%2F..%2Fkeys",
        "/runs/00000000",
        f"/runs/{'0' * 36}",
        "/tasks/..%2F..%2Fetc%2Fpasswd",
        "/messages?chat_id=9223372036854775808",
        "/messages?cursor=AAAA",
        "/messages?cursor=" + "A" * 501,
        "/messages?cursor=WzEsOTIyMzM3MjAzNjg1NDc3NTgwOF0",
        "/messages?since=0000-00-00T00:00:00Z",
        "/messages?since=99999-01-01T00:00:00Z",
        "/messages?since=1e300",
        "/messages?limit=0",
        "/messages?limit=201",
        "/messages?limit=NaN",
        "/runs?cursor=eyJhbmFseXNpcyI6W251bGwsIjIwMjYtMDMtMTJUMDk6NDE6MDciLG51bGxdfQ",
    ],
)
def test_ids_times_and_cursors_that_cannot_be_are_told(path: str, client: httpx.Client) -> None:
    answer = client.get(f"{API}{path}")

    assert answer.status_code in {404, 422}, (answer.status_code, answer.text)
    assert answer.headers["content-type"] == "application/problem+json"


def test_those_who_behave_are_served_after_all_that(stage: Stage) -> None:
    with stage.client() as client:
        assert client.get(f"{API}/chats").status_code == 200
        assert client.get(f"{API}/projects/{uuid4()}").status_code in {200, 404}
