"""What follows from other files is up to date, and new secrets are what the manifests need."""

import re

import pytest

from deploy.kubernetes.secrets import new_objects
from deploy.manifests import ROOT, WRITTEN
from deploy.settings import declared, settings_of
from deploy.topology import SERVICES
from deploy.topology.authorization import PARTIES, nkey_variables
from deploy.topology.nkeys import public_key


@pytest.mark.parametrize("path", WRITTEN)
def test_file_is_as_it_would_be_written_now(path: str) -> None:
    assert (ROOT / path).read_text() == WRITTEN[path](), f"{path} is out of date: run `make manifests`"


def test_page_of_settings_has_every_variable_that_a_service_reads() -> None:
    said = {*re.findall(r"^\| `(TT_\w+)`", (ROOT / "docs/settings.md").read_text(), re.MULTILINE)}
    known = {
        f"TT_{name.upper()}" for service in SERVICES for name in settings_of(service.name).__struct_fields__
    }
    assert said == known
    assert all(setting.meaning for service in SERVICES for setting in declared(settings_of(service.name)))


def test_seed_of_a_secret_is_the_one_whose_public_key_nats_is_told() -> None:
    made = {
        each["metadata"]["name"]: each.get("stringData") or each["data"]
        for each in new_objects(superuser=True)
    }
    told = made["nats-nkeys"]
    for party, variable in nkey_variables().items():
        secret = "nats-operator" if party == "operator" else f"{party}-credentials"
        assert public_key(made[secret]["nkey"]) == told[variable]
    assert len({*told.values()}) == len(PARTIES)


def test_no_two_installations_have_a_secret_in_common() -> None:
    first, second = (
        {
            (each["metadata"]["name"], key): value
            for each in new_objects(superuser=True)
            for key, value in values(each)
        }
        for _ in range(2)
    )
    same = [name for name in first if first[name] == second[name]]
    assert same == [("postgres-superuser", "username")]


def test_secrets_may_be_pasted_anywhere() -> None:
    made = [each for secret in new_objects(superuser=True) for each in values(secret)]
    assert [name for name, value in made if not value.isalnum()] == ["TT_ENCRYPTION_KEYS"]


def values(made: dict[str, dict[str, str]]) -> list[tuple[str, str]]:
    return [*(made.get("stringData") or made["data"]).items()]
