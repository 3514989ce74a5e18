"""TLS, passwords, NKEYs and credentials files, as a server asks for them."""

import base64
import contextlib
import hashlib
import json
import os
import socket
import ssl
import struct
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import dramatiq
import nkeys
import pytest
import trustme
from dramatiq import Worker
from dramatiq.errors import ConnectionFailed
from nats_server import Server

from dramatiq_nats import NatsBroker
from dramatiq_nats.cli import main

MakeBroker = Callable[..., NatsBroker]
RunWorker = Callable[..., Worker]
StartServer = Callable[[str], Server]


@pytest.fixture
def start_server(tmp_path: Path) -> Iterator[StartServer]:
    """Start a server that asks for what the text says, instead of a password."""
    started: list[Server] = []

    def start(security: str) -> Server:
        server = Server(tmp_path, security=security)
        server.start()
        started.append(server)
        return server

    yield start
    for server in started:
        server.kill()


def new_key(kind: int) -> nkeys.KeyPair:
    return nkeys.from_seed(bytearray(nkeys.encode_seed(os.urandom(32), kind)))


def public(key: nkeys.KeyPair) -> str:
    return str(key.public_key.decode())


def runs_one(broker: NatsBroker, run_worker: RunWorker) -> bool:
    ran: list[int] = []
    dramatiq.actor(broker=broker, actor_name="note")(ran.append).send(1)
    run_worker(broker)
    broker.join("default", timeout=10_000)
    return ran == [1]


def test_tls_with_certificates_on_both_sides(
    start_server: StartServer,
    tmp_path: Path,
    make_broker: MakeBroker,
    run_worker: RunWorker,
    capsys: pytest.CaptureFixture[str],
) -> None:
    authority = trustme.CA()
    ca, cert, key = tmp_path / "ca.pem", tmp_path / "cert.pem", tmp_path / "key.pem"
    issued = authority.issue_cert("127.0.0.1")
    authority.cert_pem.write_to_path(str(ca))
    issued.private_key_pem.write_to_path(str(key))
    for number, blob in enumerate(issued.cert_chain_pems):
        blob.write_to_path(str(cert), append=number > 0)
    server = start_server(f'tls {{ cert_file: "{cert}", key_file: "{key}", ca_file: "{ca}", verify: true }}')
    url = f"tls://127.0.0.1:{server.port}"
    context = ssl.create_default_context(cafile=str(ca))
    with pytest.raises(ConnectionFailed, match="certificate"):
        make_broker(servers=url, publish_timeout=3, tls=ssl.create_default_context()).enqueue(MESSAGE)
    # The command ends, too, when it does not trust the certificate.
    assert main(["--server", url, "queues"]) == 1
    assert "Does --tls-ca name who signed" in capsys.readouterr().err
    context.load_cert_chain(cert, key)
    broker = make_broker(servers=url, tls=context)
    assert runs_one(broker, run_worker)
    files = ["--tls-ca", str(ca), "--tls-cert", str(cert), "--tls-key", str(key)]
    assert main(["--server", url, *files, "queues"]) == 0
    assert "default" in capsys.readouterr().out


@pytest.mark.parametrize("asked_by", ["scheme", "option"])
def test_nothing_is_sent_in_clear_where_tls_was_asked_for(make_broker: MakeBroker, asked_by: str) -> None:
    heard: list[bytes] = []

    def listen() -> None:
        with contextlib.suppress(OSError):
            while True:
                near, _ = listener.accept()
                near.sendall(b'INFO {"server_id":"x","version":"2.15.1","max_payload":1048576}\r\n')
                heard.append(near.recv(4096))
                near.close()

    with socket.create_server(("127.0.0.1", 0)) as listener:
        threading.Thread(target=listen, daemon=True).start()
        address = f"app:secret@127.0.0.1:{listener.getsockname()[1]}"
        options: dict[str, Any] = {"publish_timeout": 1}
        if asked_by == "scheme":
            options["servers"] = f"tls://{address}"
        else:
            options |= {"servers": f"nats://{address}", "tls": ssl.create_default_context()}
        broker = make_broker(**options)
        with pytest.raises(ConnectionFailed, match="TLS is asked for and this server does not do it"):
            broker.enqueue(MESSAGE)
        broker.close()
    assert heard
    assert not any(heard)


def test_refusal_is_told_although_the_socket_was_reset_behind_it(make_broker: MakeBroker) -> None:
    def listen() -> None:
        with contextlib.suppress(OSError):
            while True:
                near, _ = listener.accept()
                near.sendall(b'INFO {"server_id":"x","version":"2.15.1","auth_required":true}\r\n')
                heard = b""
                while b"PING" not in heard:
                    heard += near.recv(4096)
                near.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                near.sendall(b"-ERR 'Authorization Violation'\r\n")
                near.close()

    with socket.create_server(("127.0.0.1", 0)) as listener:
        threading.Thread(target=listen, daemon=True).start()
        address = f"app:wrong@127.0.0.1:{listener.getsockname()[1]}"
        broker = make_broker(servers=f"nats://{address}", publish_timeout=1)
        with pytest.raises(ConnectionFailed, match="Authorization Violation"):
            broker.enqueue(MESSAGE)
        broker.close()


def test_nkey(
    start_server: StartServer,
    tmp_path: Path,
    make_broker: MakeBroker,
    run_worker: RunWorker,
    capsys: pytest.CaptureFixture[str],
) -> None:
    seed = tmp_path / "user.nk"
    seed.write_bytes(nkeys.encode_seed(os.urandom(32), nkeys.PREFIX_BYTE_USER))
    known = public(nkeys.from_seed(bytearray(seed.read_bytes())))
    server = start_server(f"authorization {{ users = [ {{ nkey: {known} }} ] }}")
    url = f"nats://127.0.0.1:{server.port}"
    with pytest.raises(ConnectionFailed, match="Authorization Violation"):
        make_broker(servers=url, publish_timeout=3).enqueue(MESSAGE)
    assert runs_one(make_broker(servers=url, nkeys_seed=str(seed)), run_worker)
    assert main(["--server", url, "--nkey", str(seed), "queues"]) == 0
    assert main(["--server", url, "queues"]) == 1
    assert "Authorization Violation" in capsys.readouterr().err


def test_credentials_file(
    start_server: StartServer,
    tmp_path: Path,
    make_broker: MakeBroker,
    run_worker: RunWorker,
    capsys: pytest.CaptureFixture[str],
) -> None:
    operator, system, account = (
        new_key(kind)
        for kind in (nkeys.PREFIX_BYTE_OPERATOR, nkeys.PREFIX_BYTE_ACCOUNT, nkeys.PREFIX_BYTE_ACCOUNT)
    )
    server = start_server(
        f"""
        operator: {token(operator, public(operator), {"type": "operator"})}
        system_account: {public(system)}
        resolver: MEMORY
        resolver_preload: {{
          {public(system)}: {token(operator, public(system), {"type": "account"})}
          {public(account)}: {token(operator, public(account), {"type": "account", "limits": UNLIMITED})}
        }}
        """
    )
    user_seed = nkeys.encode_seed(os.urandom(32), nkeys.PREFIX_BYTE_USER)
    user = token(
        account,
        public(nkeys.from_seed(bytearray(user_seed))),
        {"type": "user", "subs": -1, "data": -1, "payload": -1},
    )
    credentials = tmp_path / "user.creds"
    credentials.write_text(CREDENTIALS.format(jwt=user, seed=user_seed.decode()))
    url = f"nats://127.0.0.1:{server.port}"
    assert runs_one(make_broker(servers=url, user_credentials=str(credentials)), run_worker)
    assert main(["--server", url, "--creds", str(credentials), "queues"]) == 0
    assert "default" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"servers": ""}, "servers is empty"),
        ({"servers": "redis://localhost"}, "not the address of a NATS server"),
        ({"servers": "nats://localhost:port"}, "names no host and port"),
        ({"user_creds": "x"}, "no connection option 'user_creds'; there are .*user_credentials"),
        ({"user_credentials": "/nowhere"}, "/nowhere is no file"),
        ({"replicas": 7}, "replicas must be 1, 3 or 5"),
        ({"ack_wait": 0}, "ack_wait must be seconds above 0"),
    ],
)
def test_setting_that_makes_no_sense_is_refused_at_once(settings: dict[str, Any], said: str) -> None:
    with pytest.raises((ValueError, TypeError), match=said):
        NatsBroker(**settings)


MESSAGE: dramatiq.Message[Any] = dramatiq.Message("default", "note", (1,), {}, {})
UNLIMITED = dict.fromkeys(
    ("subs", "data", "payload", "imports", "exports", "conn", "leaf"), -1
) | dict.fromkeys(("mem_storage", "disk_storage", "streams", "consumer"), -1)
CREDENTIALS = """-----BEGIN NATS USER JWT-----
{jwt}
------END NATS USER JWT------

-----BEGIN USER NKEY SEED-----
{seed}
------END USER NKEY SEED------
"""


def token(issuer: nkeys.KeyPair, subject: str, claims: dict[str, Any]) -> str:
    """Return claims as the JWT that NATS reads (ADR-14)."""

    def encode(data: bytes) -> str:
        return base64.urlsafe_b64encode(data).rstrip(b"=").decode()

    body: dict[str, Any] = {"iat": int(time.time()), "iss": public(issuer), "sub": subject, "jti": ""}
    body["nats"] = {"version": 2, **claims}
    body["jti"] = base64.b32encode(hashlib.sha256(json.dumps(body).encode()).digest()).rstrip(b"=").decode()
    head = json.dumps({"typ": "JWT", "alg": "ed25519-nkey"})
    signed = f"{encode(head.encode())}.{encode(json.dumps(body).encode())}"
    return f"{signed}.{encode(issuer.sign(signed.encode()))}"
