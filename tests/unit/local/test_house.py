"""Ports, passwords and settings of a local run."""

import re
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from deploy.local.errors import LocalError
from deploy.local.house import (
    PASSED_ON,
    PASSED_TO_GATEWAY,
    PASSED_TO_INGESTION,
    ROOT,
    check_settings,
    existing_house,
    open_house,
)
from deploy.local.programs import programs


@pytest.fixture
def busy_port() -> Iterator[int]:
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        server.listen()
        yield server.getsockname()[1]


def test_ports_and_passwords_are_kept_from_run_to_run(tmp_path: Path) -> None:
    environment = {"TT_LOCAL_DIR": str(tmp_path)}
    first, second = open_house(environment), open_house(environment)
    assert first.ports == second.ports
    assert first.secrets == second.secrets
    assert len(set(first.ports.values())) == len(first.ports)
    assert len(set(first.secrets.values())) == len(first.secrets)


def test_secrets_may_be_pasted_anywhere(tmp_path: Path) -> None:
    made = open_house({"TT_LOCAL_DIR": str(tmp_path)}).secrets
    assert [name for name, secret in made.items() if not secret.isalnum()] == ["encryption_key"]


def test_secrets_are_for_their_owner_only(tmp_path: Path) -> None:
    open_house({"TT_LOCAL_DIR": str(tmp_path)})
    assert (tmp_path / "secrets.json").stat().st_mode & 0o777 == 0o600


def test_remembered_port_that_somebody_took_is_replaced_and_said(tmp_path: Path, busy_port: int) -> None:
    house = open_house({"TT_LOCAL_DIR": str(tmp_path)})
    text = (tmp_path / "ports.json").read_text().replace(str(house.ports["gateway"]), str(busy_port))
    (tmp_path / "ports.json").write_text(text)
    again = open_house({"TT_LOCAL_DIR": str(tmp_path)})
    assert again.ports["gateway"] != busy_port
    assert f"port {busy_port} of gateway is now used by" in again.moved["gateway"]


def test_configured_port_is_taken_as_it_is(tmp_path: Path) -> None:
    port = open_house({"TT_LOCAL_DIR": str(tmp_path / "other")}).ports["gateway"]
    house = open_house({"TT_LOCAL_DIR": str(tmp_path), "TT_LOCAL_GATEWAY_PORT": str(port)})
    assert house.ports["gateway"] == port


def test_configured_port_in_use_is_a_sentence(tmp_path: Path, busy_port: int) -> None:
    with pytest.raises(
        LocalError, match=f"Port {busy_port} .TT_LOCAL_NATS_PORT. is used by .*: stop that program"
    ):
        open_house({"TT_LOCAL_DIR": str(tmp_path), "TT_LOCAL_NATS_PORT": str(busy_port)})


@pytest.mark.parametrize("text", ["0", "65536", "http", "-1", "²"])
def test_configured_port_that_is_none_is_a_sentence(tmp_path: Path, text: str) -> None:
    with pytest.raises(LocalError, match="is no port"):
        open_house({"TT_LOCAL_DIR": str(tmp_path), "TT_LOCAL_NATS_PORT": text})


def test_one_port_for_two_programs_is_a_sentence(tmp_path: Path) -> None:
    port = str(open_house({"TT_LOCAL_DIR": str(tmp_path / "other")}).ports["gateway"])
    both = {"TT_LOCAL_NATS_PORT": port, "TT_LOCAL_GATEWAY_PORT": port}
    with pytest.raises(LocalError, match="configured for both"):
        open_house({"TT_LOCAL_DIR": str(tmp_path), **both})


def test_unknown_setting_is_named_with_the_nearest() -> None:
    with pytest.raises(LocalError, match=r"TT_LOCAL_GATEWY_PORT .* Did you mean TT_LOCAL_GATEWAY_PORT\?"):
        check_settings({"TT_LOCAL_GATEWY_PORT": "1"})


def test_lost_passwords_beside_a_database_are_a_sentence(tmp_path: Path) -> None:
    open_house({"TT_LOCAL_DIR": str(tmp_path)})
    (tmp_path / "postgres" / "data").mkdir(parents=True)
    (tmp_path / "secrets.json").unlink()
    with pytest.raises(LocalError, match="put the file back"):
        open_house({"TT_LOCAL_DIR": str(tmp_path)})


def test_folder_that_cannot_be_made_is_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(LocalError, match="set TT_LOCAL_DIR"):
        open_house({"TT_LOCAL_DIR": str(tmp_path / "file" / "local")})


def test_looking_makes_nothing(tmp_path: Path) -> None:
    assert existing_house({"TT_LOCAL_DIR": str(tmp_path / "none")}) is None
    assert list(tmp_path.iterdir()) == []


def test_services_get_their_own_role_and_none_of_our_settings(tmp_path: Path) -> None:
    house = open_house({"TT_LOCAL_DIR": str(tmp_path), "TT_LOG_LEVEL": "DEBUG", "LANG": "C.UTF-8"})
    table = {program.name: program for program in programs(house)}
    scoring = table["scoring"].prepare().env
    assert scoring["TT_DATABASE_URL"].startswith(
        f"postgresql://tt_scoring:{house.secrets['postgres_scoring']}@127.0.0.1:"
    )
    assert scoring["TT_LOG_LEVEL"] == "DEBUG"
    assert scoring["LANG"] == "C.UTF-8"
    assert "TT_LOCAL_DIR" not in scoring
    assert "TT_BOOTSTRAP_API_KEY" not in scoring
    assert table["gateway"].prepare().env["TT_BOOTSTRAP_API_KEY"] == house.api_key


def test_each_setting_that_is_passed_on_is_documented() -> None:
    table = (ROOT / "docs" / "local.md").read_text().split("## Settings")[1].split("\n## ")[0]
    documented = set(re.findall(r"`(TT_[A-Z_]+)`", table)) - {"TT_LOCAL_DIR"}
    assert documented == {*PASSED_ON, *PASSED_TO_GATEWAY, *PASSED_TO_INGESTION}
