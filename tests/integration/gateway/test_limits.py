"""Limits, waiting after wrong keys, and what replicas of the gateway tell each other."""

import asyncio
from collections.abc import Iterator
from uuid import uuid4

import httpx
import pytest

from services.gateway import counters
from services.gateway.app import create_app
from services.gateway.changes import hear_changes, tell_change
from services.gateway.counters import Counters
from services.gateway.door import Door
from services.gateway.limits import Lockout
from services.gateway.settings import GatewaySettings
from shared.contracts.errors import unavailable
from tests.integration.gateway.key_rows import add_key
from tests.integration.gateway.listening import closing
from tests.integration.gateway.stage import SECRET, Stage, wait_for

LIMIT = 30
GUESSES = 5


@pytest.fixture
def strict(stage: Stage) -> Iterator[Stage]:
    """The gateway with a door that lets little through, behind one proxy."""
    settings = GatewaySettings(
        rate_limit=LIMIT,
        lockout_after=GUESSES,
        trusted_proxies="127.0.0.1",
        public_url="https://tt.example",
    )
    before = stage.app.state.door
    stage.app.state.door = Door.of(settings)
    yield stage
    stage.app.state.door = before


@pytest.fixture
def somebody(strict: Stage) -> Iterator[httpx.Client]:
    """A client without a key, at an address that no other test has."""
    with strict.client(key=None) as client:
        client.headers["X-Forwarded-For"] = new_address()
        yield client


def new_address() -> str:
    return f"2001:db8:{uuid4().hex[:4]}:{uuid4().hex[:4]}::1"


def bearer(key: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {key}"}


def test_key_is_limited_wherever_it_comes_from_and_others_are_not(
    strict: Stage, somebody: httpx.Client
) -> None:
    key, other = add_key(strict, "read"), add_key(strict, "read")
    answers: list[httpx.Response] = []
    while not answers or answers[-1].status_code == 200:
        answers.append(
            somebody.get("/api/v1/chats", headers=bearer(key) | {"X-Forwarded-For": new_address()})
        )
        assert len(answers) <= 2 * LIMIT + 1  # a minute may end in between

    refused = answers[-1]
    assert refused.status_code == 429
    assert refused.json()["code"] == "too_many_requests"
    assert 1 <= int(refused.headers["retry-after"]) <= 60
    assert refused.headers["ratelimit-policy"] == f'"key";q={LIMIT};w=60'
    assert refused.headers["ratelimit"] == f'"key";r=0;t={refused.headers["retry-after"]}'
    assert answers[0].headers["ratelimit"].startswith(f'"key";r={LIMIT - 1};t=')
    assert somebody.get("/api/v1/chats", headers=bearer(other)).status_code == 200


def test_address_without_a_key_is_limited_and_keys_from_there_are_not(
    strict: Stage, somebody: httpx.Client
) -> None:
    key = add_key(strict, "read")
    statuses = [somebody.get("/assets/page.js").status_code for _ in range(2 * LIMIT + 1)]

    assert statuses[0] == 200
    assert 429 in statuses
    assert somebody.get("/api/v1/chats", headers=bearer(key)).status_code == 200


def test_webhook_is_not_limited(somebody: httpx.Client) -> None:
    headers = {"X-Telegram-Bot-Api-Secret-Token": SECRET}
    statuses = {
        somebody.post("/webhook/telegram", json={"update_id": number}, headers=headers).status_code
        for number in range(2 * LIMIT + 1)
    }

    assert statuses == {200}


def test_who_guesses_waits_and_who_came_in_before_does_not(strict: Stage, somebody: httpx.Client) -> None:
    colleague, late = add_key(strict, "read"), add_key(strict, "read")
    assert somebody.get("/api/v1/chats", headers=bearer(colleague)).status_code == 200

    statuses = [
        somebody.get("/api/v1/chats", headers=bearer(f"wrong {number}")).status_code
        for number in range(GUESSES + 1)
    ]
    assert statuses == [401] * GUESSES + [429]
    refused = somebody.get("/api/v1/chats", headers=bearer(late))
    assert refused.status_code == 429
    assert 1 <= int(refused.headers["retry-after"]) <= 5
    assert somebody.post("/api/v1/session", json={"key": late}).status_code == 429
    assert somebody.get("/api/v1/chats", headers=bearer(colleague)).status_code == 200
    elsewhere = bearer(late) | {"X-Forwarded-For": new_address()}
    assert somebody.get("/api/v1/chats", headers=elsewhere).status_code == 200


def test_guesses_at_the_sign_in_and_of_sessions_count_as_well(somebody: httpx.Client) -> None:
    statuses = []
    for number in range(3):
        statuses.append(somebody.post("/api/v1/session", json={"key": f"wrong {number}"}).status_code)
        cookie = {"Cookie": f"__Host-task-tracker-session=wrong{number}"}
        statuses.append(somebody.get("/api/v1/chats", headers=cookie).status_code)

    assert statuses == [401] * GUESSES + [429]


def test_key_that_was_one_once_is_no_guess(strict: Stage, somebody: httpx.Client) -> None:
    with strict.client() as admin:
        made = admin.post("/api/v1/keys", json={"name": f"old {uuid4()}", "scopes": ["read"]}).json()
        admin.delete(f"/api/v1/keys/{made['key']['id']}")
    statuses = {
        somebody.get("/api/v1/chats", headers=bearer(made["text"])).status_code for _ in range(GUESSES + 2)
    }
    address = {"X-Forwarded-For": somebody.headers["X-Forwarded-For"]}
    closings = [closing(strict, "", bearer(made["text"]) | address) for _ in range(GUESSES + 2)]

    assert statuses == {401}
    assert {(close.code, "was revoked" in close.reason) for close in closings} == {(4401, True)}
    good = bearer(add_key(strict, "read"))
    assert somebody.get("/api/v1/chats", headers=good).status_code == 200


def test_forged_forwarding_does_not_hide_who_guesses(somebody: httpx.Client) -> None:
    mine = somebody.headers["X-Forwarded-For"]
    statuses = [
        somebody.get(
            "/api/v1/chats",
            headers=bearer(f"wrong {number}") | {"X-Forwarded-For": f"{new_address()}, {mine}"},
        ).status_code
        for number in range(GUESSES + 1)
    ]

    assert statuses == [401] * GUESSES + [429]


def test_replicas_share_their_counts(stage: Stage) -> None:
    kind = f"test{uuid4().hex[:8]}"
    one, other = Counters(kind), Counters(kind)

    async def work() -> list[int]:
        for _ in range(3):
            one.add("a", 3600)
        other.add("a", 3600)
        await one.tell()
        await other.tell()
        seen = [other.total("a", 3600), other.total("b", 3600)]
        one.add("a", 3600)
        await one.tell()
        return [*seen, one.total("a", 3600)]

    assert stage.run(work()) == [4, 0, 5]


def test_guesser_waits_at_every_replica(stage: Stage) -> None:
    one, other = Lockout(3), Lockout(3)
    address = new_address()

    async def work() -> tuple[int, int]:
        for _ in range(3):
            one.note_guess(address)
        await one.counters.tell()
        before = other.seconds(address)
        other.note_guess(address)
        await other.counters.tell()
        return before, other.seconds(address)

    assert stage.run(work()) == (0, 10)


def test_counting_goes_on_alone_without_nats_and_is_told_afterwards(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    counted, other = Counters("away"), Counters("away")
    name = uuid4().hex

    async def away() -> None:
        raise unavailable("The message server cannot be reached.")

    async def count_alone() -> int:
        counted.add(name, 3600)
        with pytest.raises(Exception, match="cannot be reached"):
            await counted.tell()
        return counted.add(name, 3600)

    with monkeypatch.context() as cut:
        cut.setattr(counters, "connection", away)
        assert stage.run(count_alone()) == 2

    async def tell() -> int:
        await counted.tell()
        other.add(name, 3600)
        await other.tell()
        return other.total(name, 3600)

    assert stage.run(tell()) == 3


def test_replica_hears_that_a_key_has_changed(stage: Stage) -> None:
    heard: list[bool] = []

    async def listen() -> "asyncio.Task[None]":
        return asyncio.create_task(hear_changes(lambda: heard.append(True)))

    async def stop(task: "asyncio.Task[None]") -> None:
        task.cancel()
        await asyncio.wait([task])

    task = stage.run(listen())

    def is_heard() -> bool:
        stage.run(tell_change())
        return bool(heard)

    wait_for(is_heard, "the change was heard")
    stage.run(stop(task))


def test_cookie_and_headers_of_an_https_installation(strict: Stage, somebody: httpx.Client) -> None:
    answer = somebody.post("/api/v1/session", json={"key": add_key(strict, "read")})

    assert answer.headers["set-cookie"].startswith("__Host-task-tracker-session=")
    assert "; Secure" in answer.headers["set-cookie"]
    assert answer.headers["strict-transport-security"] == "max-age=31536000"
    own, foreign = "https://tt.example", "https://board.example"
    signs_in = {
        origin: somebody.post(
            "/api/v1/session", json={"key": add_key(strict, "read")}, headers={"Origin": origin}
        ).status_code
        for origin in (own, foreign)
    }
    assert signs_in == {own: 201, foreign: 403}


ORIGIN = "https://board.example"


async def ask_from(origin: str, method: str, path: str, headers: dict[str, str]) -> httpx.Response:
    """Ask an application that lets pages of one origin call it."""
    app = create_app(GatewaySettings(cors_origins=ORIGIN))
    transport = httpx.ASGITransport(app)  # type: ignore[arg-type]  # Litestar types its own messages
    async with httpx.AsyncClient(transport=transport, base_url="http://gateway") as client:
        return await client.request(method, path, headers={"Origin": origin} | headers)


@pytest.mark.anyio
async def test_named_origin_may_call_with_a_key_and_never_with_a_cookie() -> None:
    asked = {"Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "authorization"}
    preflight = await ask_from(ORIGIN, "OPTIONS", "/api/v1/chats", asked)
    called = await ask_from(ORIGIN, "GET", "/health/live", {})

    for answer in (preflight, called):
        assert answer.headers["access-control-allow-origin"] == ORIGIN
        assert answer.headers.get("access-control-allow-credentials") != "true"
    allowed = preflight.headers["access-control-allow-headers"].lower()
    assert "authorization" in allowed
    assert "x-csrf-token" not in allowed


@pytest.mark.anyio
@pytest.mark.parametrize("origin", ["https://evil.example", f"{ORIGIN}.evil.example", "null"])
async def test_other_origins_are_told_nothing(origin: str) -> None:
    answer = await ask_from(origin, "GET", "/health/live", {})

    assert answer.status_code == 200
    assert "access-control-allow-origin" not in answer.headers


def test_no_origin_is_told_anything_unless_it_is_named(stage: Stage) -> None:
    with stage.client() as client:
        answer = client.get("/api/v1/chats", headers={"Origin": "https://board.example"})

    assert not [name for name in answer.headers if name.startswith("access-control-")]


@pytest.mark.parametrize(
    "path", ["/", "/assets/page.js", "/schema", "/api/v1/chats", "/api/v1/nothing", "/nothing"]
)
def test_every_answer_has_the_headers_that_browsers_obey(stage: Stage, path: str) -> None:
    with stage.client() as client:
        headers = client.get(path).headers

    policy = headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy
    assert "http" not in policy
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["cross-origin-resource-policy"] == "same-origin"
    assert ("no-store" in headers.get("cache-control", "")) == path.startswith(("/api", "/nothing"))
    assert "strict-transport-security" not in headers


def test_session_counts_on_its_key(strict: Stage, somebody: httpx.Client) -> None:
    key = add_key(strict, "read")
    somebody.cookies.clear()
    answer = somebody.post("/api/v1/session", json={"key": key})
    cookie = {"Cookie": answer.headers["set-cookie"].partition(";")[0]}

    by_session = somebody.get("/api/v1/chats", headers=cookie)
    by_key = somebody.get("/api/v1/chats", headers=bearer(key))
    left = [
        int(one.headers["ratelimit"].partition("r=")[2].partition(";")[0]) for one in (by_session, by_key)
    ]
    assert left[0] - left[1] in {1, 1 - LIMIT}
