"""The command ``dramatiq-nats`` against a real server."""

import json
import os
import pty
import signal
import socket
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import dramatiq
import pytest
from dramatiq import Worker
from nats.js.api import PersistMode, StreamConfig
from nats_server import CONFIG, Server, eventually

from dramatiq_nats import NatsBroker
from dramatiq_nats.cli import main

RunWorker = Callable[..., Worker]


class Command:
    """Runs the command in this process and keeps what it printed."""

    def __init__(self, url: str, namespace: str, output: pytest.CaptureFixture[str]) -> None:
        self._fixed = ["--server", url, "--namespace", namespace]
        self._output = output
        self.code = 0

    def __call__(self, *arguments: object) -> str:
        self._output.readouterr()
        self.code = main([*self._fixed, *map(str, arguments)])
        said = self._output.readouterr()
        return said.out + said.err

    def json(self, *arguments: object) -> Any:
        return json.loads(self(*arguments, "--json"))


@pytest.fixture
def command(server: Server, namespace: str, capsys: pytest.CaptureFixture[str]) -> Command:
    return Command(server.url, namespace, capsys)


@pytest.fixture
def buried(broker: NatsBroker, run_worker: RunWorker) -> NatsBroker:
    """A broker with three dead letters of one actor, whose queue a worker works off."""

    @dramatiq.actor(broker=broker, max_retries=0, queue_name="mail")
    def send(address: str) -> None:
        raise ValueError(f"no such address: {address}")

    for address in ("a", "б", "c"):
        send.send(address)
    run_worker(broker)
    eventually(lambda: len(broker.list_dead_letters()) == 3)
    return broker


def test_queues_shows_how_full_they_are(
    command: Command, buried: NatsBroker, server: Server, make_broker: Callable[..., NatsBroker]
) -> None:
    other = make_broker(servers=server.url, namespace=buried.namespace)
    actor = dramatiq.actor(broker=other, actor_name="other", queue_name="idle")(print)
    actor.send()
    actor.send_with_options(delay=60_000)
    head, idle, mail = command("queues").splitlines()
    assert head.split() == [
        "queue",
        "ready",
        "in",
        "progress",
        "redelivered",
        "in",
        "line",
        "delayed",
        "dead",
        "oldest",
        "paused",
    ]
    assert idle.split()[:7] == ["idle", "1", "0", "0", "0", "1", "0"]
    assert mail.split() == ["mail", "0", "0", "0", "0", "0", "3", "-", "-"]
    first, _ = command.json("queues")
    assert (first["queue"], first["ready"], first["delayed"]) == ("idle", 1, 1)
    assert 0 <= first["oldest_age"] < 60


def test_empty_namespace_is_told_not_failed(command: Command) -> None:
    assert "no queues yet" in command("queues")
    assert "no dead letters" in command("dead", "list")
    assert "No worker" in command("workers")
    assert command.code == 0


def test_dead_letters_are_listed_by_page(command: Command, buried: NatsBroker) -> None:
    said = command("dead", "list", "--limit", 2)
    assert "ValueError: no such address: a" in said
    number = int(said.splitlines()[2].split()[0])
    assert f"There are more: the same again with --after {number}" in said
    last = command("dead", "list", "--after", number, "--queue", "mail").splitlines()
    assert len(last) == 2
    assert "There are no dead letters in queue 'post'." in command("dead", "list", "--queue", "post")
    assert buried.list_dead_letters(after=number)[0].actor in last[1]


def test_dead_letter_is_shown_whole(command: Command, buried: NatsBroker) -> None:
    (number,) = (letter.sequence for letter in buried.list_dead_letters() if letter.exception.endswith("б"))
    said = command("dead", "show", number)
    assert '"б"' in said
    assert "Traceback (most recent call last)" in said
    assert command.json("dead", "show", number)["message"]["args"] == ["б"]


def test_dead_letters_are_requeued_and_deleted(command: Command, buried: NatsBroker) -> None:
    first, second, third = (letter.sequence for letter in buried.list_dead_letters())
    assert "1 requeued." in command("dead", "requeue", first)
    eventually(lambda: [letter.sequence for letter in buried.list_dead_letters()][:2] == [second, third])
    assert "1 deleted." in command("dead", "delete", second)
    assert "0 deleted. Not there: " in command("dead", "delete", second)
    assert command.code == 1
    eventually(lambda: len(buried.list_dead_letters()) == 2)
    assert "give --yes" in command("dead", "delete", "--all")
    assert command.json("dead", "delete", "--all", "--queue", "mail", "--yes") == {
        "deleted": 2,
        "missing": [],
    }
    assert buried.list_dead_letters() == []


def test_dead_letters_are_named_or_all(command: Command) -> None:
    assert "give the numbers of dead letters, or --all" in command("dead", "requeue")
    assert command.code == 1


def test_purge_asks_and_drops_what_was_chosen(command: Command, buried: NatsBroker) -> None:
    assert "give --yes" in command("purge", "mail")
    assert command.code == 1
    assert "there is no queue 'post'" in command("purge", "post", "--yes")
    assert "Dropped 3 dead." in command("purge", "mail", "--only", "dead", "--yes")
    assert buried.list_dead_letters() == []


def test_workers_answer_the_roll_call(command: Command, buried: NatsBroker) -> None:
    (worker,) = command.json("workers")
    assert [work["queue"] for work in worker["queues"]] == ["mail"]
    assert worker["queues"][0]["prefetch"] == 4
    assert str(worker["pid"]) in command("workers")
    assert buried.queues == {"mail"}


def test_doctor_finds_a_healthy_namespace_healthy(command: Command, buried: NatsBroker) -> None:
    said = command("doctor")
    assert "Nothing stands in the way." in said
    assert command.code == 0
    levels = {finding["check"]: finding["level"] for finding in command.json("doctor")}
    assert levels["server version"] == "ok"
    assert levels[f"stream {buried.namespace}_WQ"] == "ok"
    assert levels[f"publish to {buried.namespace}_WQ"] == "ok"
    assert levels["queue mail"] == "ok"
    assert levels["clock"] == "ok"


def test_doctor_stores_nothing(command: Command, buried: NatsBroker) -> None:
    before = command.json("queues")
    command("doctor")
    after = command.json("queues")
    assert [queue["queue"] for queue in before] == [queue["queue"] for queue in after]
    assert len(buried.list_dead_letters()) == 3


def test_doctor_says_what_a_wrong_stream_means(command: Command, broker: NatsBroker) -> None:
    connection = broker.connection

    async def make() -> None:
        await broker.make_streams()
        js = connection.js
        config = (await js.stream_info(f"{broker.namespace}_WQ")).config
        config.max_age = 3600
        config.max_msgs = 10
        await js.update_stream(config)

    connection.call(make, 10)
    said = command("doctor")
    assert "Jobs older than that vanish without a word." in said
    assert "the oldest jobs vanish" in said
    assert command.code == 1


def test_doctor_warns_of_a_stream_that_confirms_before_it_has_written(
    command: Command, broker: NatsBroker
) -> None:
    name, subjects = f"{broker.namespace}_XQ", [f"{broker.namespace}.xq.*"]
    config = StreamConfig(name=name, subjects=subjects, persist_mode=PersistMode.ASYNC)
    broker.connection.call(lambda: broker.connection.js.add_stream(config), 10)
    assert "confirms before it has written" in command("doctor")
    assert command.code == 1


@pytest.mark.parametrize("interval", ["always", "30s"])
def test_doctor_reads_at_the_monitoring_address_how_often_is_flushed(
    tmp_path: Path, interval: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        monitor = f"127.0.0.1:{probe.getsockname()[1]}"
    template = CONFIG.replace("sync_interval: always", f"sync_interval: {interval}")
    server = Server(tmp_path, security=f'http: "{monitor}"', template=template)
    server.start()
    main(["--server", server.url, "--json", "doctor", "--monitor", monitor])
    server.kill()
    [finding] = [each for each in json.loads(capsys.readouterr().out) if each["check"] == "sync_interval"]
    assert (finding["level"], finding["found"]) == (
        ("ok", "always") if interval == "always" else ("note", "30 s")
    )


def test_doctor_sees_a_queue_that_nobody_works_off(command: Command, broker: NatsBroker) -> None:
    actor = dramatiq.actor(broker=broker, actor_name="lonely", queue_name="lonely")(print)
    consumer = broker.consume("lonely", timeout=1)
    eventually(broker.queue_stats)
    consumer.close()
    actor.send()
    assert "no worker asks" in command("doctor")


def test_server_that_is_away_is_a_sentence(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--server", "nats://user:secret@127.0.0.1:1", "queues"]) == 1
    said = capsys.readouterr().err
    assert "cannot connect to 127.0.0.1:1" in said
    assert "secret" not in said
    assert "Traceback" not in said


def test_bad_namespace_is_a_sentence(command: Command) -> None:
    assert "may hold only" in command("--namespace", "a b", "queues")


def test_it_runs_as_a_program(server: Server, namespace: str) -> None:
    call = [sys.executable, "-m", "dramatiq_nats", "--server", server.url, "--namespace", namespace, "queues"]
    done = subprocess.run(call, capture_output=True, text=True, timeout=30, check=True)
    assert "no queues yet" in done.stdout


def test_what_would_steer_the_terminal_is_written_out(
    command: Command, broker: NatsBroker, run_worker: RunWorker
) -> None:
    @dramatiq.actor(broker=broker, max_retries=0)
    def act() -> None:
        raise ValueError("red \x1b[31m and \0")

    act.send()
    run_worker(broker)
    eventually(lambda: len(broker.list_dead_letters()) == 1)
    (letter,) = broker.list_dead_letters()
    assert r"red \x1b[31m and \x00" in command("dead", "list")
    shown = command("dead", "show", letter.sequence)
    assert "\x1b" not in shown
    assert shown.count("Traceback (most recent call last)") == 1


def test_wrong_calls_are_sentences(command: Command, buried: NatsBroker) -> None:
    assert "there is no dead letter 999 in namespace" in command("dead", "show", 999)
    (number, *_) = (letter.sequence for letter in buried.list_dead_letters())
    assert "--queue goes with --all" in command("dead", "requeue", number, "--queue", "mail")
    for arguments in (("dead", "show", "0"), ("dead", "list", "--limit", "-1")):
        with pytest.raises(SystemExit, match="2"):
            command(*arguments)
    assert command.code == 1


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--server", "redis://localhost"), "not the address of a NATS server"),
        (("--tls-ca", "/nowhere"), "cannot read the certificates of /nowhere"),
        (("--creds", "/nowhere"), "/nowhere is no file"),
        (("--nkey", __file__), "Do --creds or --nkey name the right file?"),
    ],
)
def test_what_the_connection_cannot_use_is_a_sentence(
    command: Command, arguments: tuple[str, ...], said: str
) -> None:
    assert said in command("queues", *arguments)
    assert command.code == 1


def test_doctor_survives_a_monitor_that_is_none(command: Command, server: Server) -> None:
    said = command("doctor", "--monitor", f"127.0.0.1:{server.port}")
    assert "Is it the monitoring address?" in said
    assert "has no streams" in said


def test_doctor_names_the_namespaces_that_are_there(
    command: Command, broker: NatsBroker, namespace: str
) -> None:
    broker.declare_queue("default")
    broker.enqueue(dramatiq.Message("default", "act", (), {}, {}))
    said = command("doctor", "--namespace", f"{namespace}-mistyped")
    assert namespace in said.partition("Others: ")[2].partition(".")[0].split(", ")


def program(server: Server, broker: NatsBroker, *arguments: str) -> list[str]:
    connection = ("--server", server.url, "--namespace", broker.namespace)
    return [sys.executable, "-m", "dramatiq_nats", *connection, *arguments]


def test_question_is_answered_at_the_terminal(server: Server, buried: NatsBroker) -> None:
    for answer, left in ((b"n\n", 3), (b"\x04", 3), (b"y\n", 0)):
        terminal, inside = pty.openpty()
        asked = subprocess.Popen(
            program(server, buried, "dead", "delete", "--all"),
            stdin=inside,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        os.write(terminal, answer)
        _, said = asked.communicate(timeout=20)
        os.close(terminal)
        os.close(inside)
        assert b"Delete 3 dead letters? [y/N]" in said
        assert len(buried.list_dead_letters()) == left


def test_interrupt_at_the_question_ends_it(server: Server, buried: NatsBroker) -> None:
    terminal, inside = pty.openpty()
    # What runs in the background of a shell is born deaf to interrupts, and so are its children.
    heard = signal.signal(signal.SIGINT, signal.default_int_handler)
    asked = subprocess.Popen(
        program(server, buried, "purge", "mail"),
        stdin=inside,
        stderr=subprocess.PIPE,
    )
    signal.signal(signal.SIGINT, heard)
    assert asked.stderr is not None
    assert b"Drop" in asked.stderr.read(4)
    asked.send_signal(signal.SIGINT)
    assert asked.wait(10) == 1
    asked.stderr.close()
    os.close(terminal)
    os.close(inside)
    assert len(buried.list_dead_letters()) == 3


def test_pause_and_resume_of_a_queue(command: Command, broker: NatsBroker) -> None:
    dramatiq.actor(broker=broker, actor_name="send", queue_name="mail")(print).send()
    assert "there is no queue 'mali'" in command("pause", "mali")
    assert command.code == 1
    assert "paused until it is resumed" in command("pause", "mail")
    assert command("queues").splitlines()[1].split()[-1] == "yes"
    assert command.json("pause", "mail", "--until", "2199-01-01T12:00+02:00")["paused_until"].startswith(
        "2199"
    )
    assert "until 2199-01-01 10:00:00 UTC" in command("queues")
    assert "must be in the future" in command("pause", "mail", "--until", "2001-01-01")
    assert "is paused until" in command("pause", "mail", "--for", "600")
    (stats,) = broker.queue_stats()
    assert stats.paused
    assert "goes on" in command("resume", "mail")
    assert command.json("queues")[0]["paused"] is False
