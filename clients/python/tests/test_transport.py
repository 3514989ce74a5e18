"""Requests are sent again where that is safe, and never where it is not; errors say what happened."""

import json
import socket
from typing import Any

import pytest

from clients.python.tests.misbehaving import KEY, Answer, Server
from tasktracker import (
    Client,
    Conflict,
    Forbidden,
    Internal,
    Invalid,
    NoSpace,
    NotFound,
    PreconditionFailed,
    Problem,
    ServerProblem,
    TooLarge,
    TooManyRequests,
    Unauthorized,
    Unavailable,
    UnexpectedAnswer,
    Unreachable,
)
from tasktracker.errors import BadRequest

CUT = Answer(status=0)
PROJECT_ID = "0d2f6a52-6f43-4a8e-9a0f-3c1b7b0f5e21"
PROJECT = {
    "id": PROJECT_ID,
    "name": "Полиця",
    "created_at": "2026-03-01T00:00:00Z",
    "updated_at": "2026-03-01T00:00:00Z",
    "a_field_of_a_later_version": {"deep": [1]},
}
GOOD = Answer(201, json.dumps(PROJECT).encode())


def refusal(status: int, headers: dict[str, str] | None = None, **more: Any) -> Answer:
    body = {"type": "about:blank", "title": "T", "status": status, "detail": "What happened.", "code": "c"}
    return Answer(status, json.dumps({**body, **more}).encode(), headers or {})


def keys_sent(server: Server) -> list[str]:
    return [asked.headers["Idempotency-Key"] for asked in server.asked]


def test_post_is_sent_again_under_one_key_after_a_cut_connection(server: Server) -> None:
    server.answers = [CUT, CUT, GOOD]
    assert server.client().projects.create("Полиця").name == "Полиця"
    assert len(server.asked) == 3
    assert len(set(keys_sent(server))) == 1
    assert len({asked.body for asked in server.asked}) == 1


def test_two_posts_have_two_keys_and_one_of_your_own_is_kept(server: Server) -> None:
    server.answers = [GOOD]
    client = server.client()
    client.projects.create("Полиця")
    client.projects.create("Полиця")
    client.projects.create("Полиця", idempotency_key="mine")
    first, second, third = keys_sent(server)
    assert first != second
    assert third == "mine"


def test_retry_after_is_honoured_in_seconds(server: Server) -> None:
    server.answers = [
        refusal(429, {"Retry-After": "7"}),
        refusal(503, {"Retry-After": "2"}),
        Answer(body=b'{"items": []}'),
    ]
    assert server.client().chats.list().items == []
    assert server.pauses == [7.0, 2.0]


def test_a_server_that_asks_for_a_long_pause_is_left_to_whoever_called(server: Server) -> None:
    server.answers = [refusal(429, {"Retry-After": "3600"})]
    with pytest.raises(TooManyRequests) as caught:
        server.client().chats.list()
    assert caught.value.retry_after == 3600
    assert server.pauses == []


def test_patience_ends(server: Server) -> None:
    server.answers = [refusal(503)]
    with pytest.raises(Unavailable):
        server.client(retries=2).chats.list()
    assert len(server.asked) == 3


def test_an_edit_that_may_have_been_done_is_not_sent_again(server: Server) -> None:
    server.answers = [CUT, Answer(body=json.dumps(PROJECT).encode())]
    with pytest.raises(Unreachable):
        server.client().projects.change(PROJECT_ID, name="Інша", if_match='"1"')
    assert len(server.asked) == 1


def test_a_server_that_is_away_is_asked_again_for_a_change_only_without_a_version(server: Server) -> None:
    server.answers = [refusal(503, {"Retry-After": "2"}), Answer(body=json.dumps(PROJECT).encode())]
    assert server.client().projects.change(PROJECT_ID, name="Інша").name == "Полиця"
    server.answers = [refusal(503, {"Retry-After": "2"})]
    with pytest.raises(Unavailable):
        server.client().projects.change(PROJECT_ID, name="Інша", if_match='"1"')
    assert len(server.asked) == 3


def test_a_conflict_with_ones_own_request_at_work_is_waited_out(server: Server) -> None:
    server.answers = [CUT, refusal(409, {"Retry-After": "2"}), GOOD]
    assert server.client().projects.create("Полиця").name == "Полиця"
    assert server.pauses[1] == 2.0


def test_a_conflict_is_told_at_once(server: Server) -> None:
    server.answers = [refusal(409, {"Retry-After": "2"})]
    with pytest.raises(Conflict):
        server.client().projects.create("Полиця")
    assert len(server.asked) == 1


def test_what_was_deleted_by_a_lost_try_is_no_error(server: Server) -> None:
    server.answers = [CUT, refusal(404)]
    server.client().projects.delete(PROJECT_ID)
    server.answers = [refusal(404)]
    with pytest.raises(NotFound):
        server.client().projects.delete(PROJECT_ID)


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (400, BadRequest),
        (401, Unauthorized),
        (403, Forbidden),
        (404, NotFound),
        (409, Conflict),
        (412, PreconditionFailed),
        (413, TooLarge),
        (418, Problem),
        (422, Invalid),
        (429, TooManyRequests),
        (500, Internal),
        (502, ServerProblem),
        (503, Unavailable),
        (507, NoSpace),
    ],
)
def test_each_status_has_its_class(server: Server, status: int, kind: type[Problem]) -> None:
    server.answers = [refusal(status, instance="/api/v1/chats")]
    with pytest.raises(Problem) as caught:
        server.client(retries=0).chats.list()
    assert type(caught.value) is kind
    assert (caught.value.status, caught.value.detail) == (status, "What happened.")


def test_fields_at_fault_are_named(server: Server) -> None:
    fields = [{"field": "limit", "message": "Expected `int` <= 200", "source": "query"}]
    server.answers = [refusal(422, errors=fields)]
    with pytest.raises(Invalid, match=r"What happened\. limit: Expected") as caught:
        server.client().chats.list()
    assert caught.value.errors[0].source == "query"


def test_a_refusal_that_is_no_problem_json_is_a_problem_all_the_same(server: Server) -> None:
    server.answers = [Answer(502, b"<html>Bad gateway</html>", {"Content-Type": "text/html"})]
    with pytest.raises(ServerProblem) as caught:
        server.client().chats.list()
    assert caught.value.status == 502


@pytest.mark.parametrize("body", [b"<html>", b'{"items": 1}', b"\xff", b"null"])
def test_what_is_no_answer_of_task_tracker_is_said_to_be_none(server: Server, body: bytes) -> None:
    server.answers = [Answer(body=body)]
    with pytest.raises(UnexpectedAnswer, match="GET /api/v1/chats"):
        server.client().chats.list()


def test_nobody_listens() -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{probe.getsockname()[1]}"
        with Client(url, KEY, retries=0) as client, pytest.raises(Unreachable, match=url):
            client.chats.list()


def test_the_key_is_in_no_error_and_no_repr(server: Server) -> None:
    client = server.client(retries=0)
    server.answers = [CUT]
    with pytest.raises(Unreachable) as caught:
        client.chats.list()
    assert KEY not in repr(client) + repr(vars(client)) + str(caught.value) + repr(caught.value)
    with pytest.raises(ValueError, match="characters that no key has") as wrong:
        Client(server.url, f"{KEY}\nX-Other: 1")
    assert KEY not in str(wrong.value)


@pytest.mark.parametrize(
    "url", ["", "127.0.0.1:8000", "ftp://host", "http://", "http://me:secret@host", "http://host/#key=x"]
)
def test_an_address_that_is_none_is_refused(url: str) -> None:
    with pytest.raises(ValueError, match="address"):
        Client(url, KEY)


def test_ids_cannot_leave_their_place_in_the_path(server: Server) -> None:
    server.answers = [refusal(404)]
    with pytest.raises(NotFound):
        server.client().projects.get("../keys?x=1")
    assert server.asked[0].path == "/api/v1/projects/..%2Fkeys%3Fx%3D1"
    with pytest.raises(ValueError, match="is no id"):
        server.client().projects.get("..")
    assert len(server.asked) == 1


def test_pages_are_followed_to_the_last_and_not_in_a_circle(server: Server) -> None:
    project = json.dumps(PROJECT)
    server.answers = [
        Answer(body=f'{{"items": [{project}], "next_cursor": "two"}}'.encode()),
        Answer(body=f'{{"items": [{project}], "next_cursor": null}}'.encode()),
    ]
    assert len(list(server.client().projects.iterate(limit=1))) == 2
    assert [asked.path.partition("?")[2] for asked in server.asked] == ["limit=1", "cursor=two&limit=1"]
    server.answers = [Answer(body=f'{{"items": [{project}], "next_cursor": "again"}}'.encode())]
    with pytest.raises(UnexpectedAnswer, match="back to itself"):
        list(server.client().projects.iterate())


def test_a_change_sends_what_is_given_and_null_where_it_is_meant(server: Server) -> None:
    server.answers = [Answer(body=json.dumps(PROJECT).encode(), headers={"ETag": '"2.ab"'})]
    changed = server.client().projects.change(PROJECT_ID, name="Інша", version=None, if_match='"1.cd"')
    assert json.loads(server.asked[0].body) == {"name": "Інша", "version": None}
    assert server.asked[0].headers["If-Match"] == '"1.cd"'
    assert changed.etag == '"2.ab"'
