"""The secrets of an installation in containers: made once, kept, renewed by name, each where it belongs."""

import json
import stat
import subprocess
from pathlib import Path

import pytest

from deploy.compose.secrets import MAKERS, main, write
from deploy.topology.nkeys import public_key
from shared.sealing import bind_keys, seal, unseal


def kept(folder: Path) -> dict[str, str]:
    found: dict[str, str] = json.loads((folder / "kept/secrets.json").read_text())
    return found


def test_a_second_start_changes_nothing(tmp_path: Path) -> None:
    assert main([str(tmp_path)]) == 0
    first = {path: path.read_text() for path in tmp_path.rglob("*") if path.is_file()}
    assert main([str(tmp_path)]) == 0
    assert {path: path.read_text() for path in tmp_path.rglob("*") if path.is_file()} == first
    assert len(set(kept(tmp_path).values())) == len(MAKERS)


def test_secrets_may_be_pasted_anywhere(tmp_path: Path) -> None:
    write(tmp_path)
    assert [name for name, secret in kept(tmp_path).items() if not secret.isalnum()] == ["encryption_keys"]


def test_files_are_for_their_owner_alone(tmp_path: Path) -> None:
    write(tmp_path)
    modes = {stat.S_IMODE(path.stat().st_mode) for path in tmp_path.rglob("*") if path.is_file()}
    assert modes == {0o400}


def test_what_a_party_reads_follows_from_what_is_kept(tmp_path: Path) -> None:
    write(tmp_path)
    known = kept(tmp_path)
    script = '. "$0" && printf "%s\\n" "$TT_DATABASE_URL" "$TT_BOOTSTRAP_API_KEY"'
    words = ["/bin/sh", "-c", script, str(tmp_path / "gateway/env")]
    done = subprocess.run(words, capture_output=True, text=True, check=True)
    password = known["postgres_gateway"]
    url = f"postgresql://tt_gateway:{password}@postgres:5432/tasktracker"
    assert done.stdout.split() == [url, known["api_key"]]
    assert (tmp_path / "gateway/nkey").read_text().strip() == known["nkey_gateway"]
    told = (tmp_path / "nats/env").read_text()
    assert f"TT_NKEY_GATEWAY='{public_key(known['nkey_gateway'])}'" in told
    assert known["nkey_gateway"] not in told


@pytest.mark.parametrize("name", ["nkey_scoring", "postgres_scoring", "api_key"])
def test_a_named_one_is_renewed_and_no_other(tmp_path: Path, name: str) -> None:
    write(tmp_path)
    before = kept(tmp_path)
    assert main([str(tmp_path), "--renew", name]) == 0
    after = kept(tmp_path)
    assert {each for each in before if before[each] != after[each]} == {name}


def test_a_new_encryption_key_opens_what_the_old_one_sealed(tmp_path: Path) -> None:
    write(tmp_path)
    bind_keys(kept(tmp_path)["encryption_keys"])
    sealed = seal("sk-example")
    write(tmp_path, ["encryption_keys"])
    keys = kept(tmp_path)["encryption_keys"]
    assert keys.count(",") == 1
    bind_keys(keys)
    assert unseal(sealed) == "sk-example"
    bind_keys(keys.partition(",")[0])
    assert unseal(seal("sk-example")) == "sk-example"


def test_a_name_that_there_is_not_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SystemExit):
        main([str(tmp_path), "--renew", "nkey_scorig"])
    assert not (tmp_path / "kept").exists()
