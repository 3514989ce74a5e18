"""Makes up the secrets of a new installation, and keeps none of them.

`python -m deploy.kubernetes.secrets | kubectl create -n task-tracker -f -`: with `create`, which leaves alone
what is there, never with `apply`. With a new encryption key nothing that was sealed could be opened again.
"""

import argparse
import json
import sys
from typing import Any, Final

from deploy.topology.authorization import OPERATOR, PARTIES, nkey_variables
from deploy.topology.nkeys import new_seed, public_key
from deploy.topology.passwords import new_password
from deploy.topology.services import SERVICES
from shared.sealing import new_encryption_key

SUPERUSER: Final = "postgres-superuser"
BY_HAND: Final[dict[str, frozenset[str]]] = {
    "telegram-api": frozenset({"TT_TELEGRAM_API_ID", "TT_TELEGRAM_API_HASH"}),
    "postgres-backups": frozenset({"ACCESS_KEY_ID", "SECRET_ACCESS_KEY"}),
}
"""Secrets that others give out, by name, with their keys: nobody can make them up."""


def credentials_of(service: str) -> str:
    """The name of the Secret with a service's password for Postgres and its seed for NATS."""
    return f"{service}-credentials"


def new_objects(*, superuser: bool) -> list[dict[str, Any]]:
    """Secrets of a new installation, and a ConfigMap with the public halves of the NKEYs.

    Args:
        superuser: Whether to make a password for Postgres's administrator too. CloudNativePG does it itself.
    """
    seeds = {party: new_seed() for party in PARTIES}
    made = [
        _secret(
            credentials_of(service.name),
            {"database-password": new_password(), "nkey": seeds[service.name]},
        )
        for service in SERVICES
    ]
    made += [
        _secret("nats-operator", {"nkey": seeds[OPERATOR]}),
        _secret("encryption-keys", {"TT_ENCRYPTION_KEYS": new_encryption_key()}),
        _secret(
            "gateway-secrets",
            {
                "TT_BOOTSTRAP_API_KEY": new_password(),
                "TT_WEBHOOK_SECRET": new_password(),
                "TT_METRICS_TOKEN": new_password(),
            },
        ),
    ]
    if superuser:
        made.append(_secret(SUPERUSER, {"username": "postgres", "password": new_password()}))
    public = {variable: public_key(seeds[party]) for party, variable in nkey_variables().items()}
    return [*made, _object("ConfigMap", "nats-nkeys", {"data": public})]


def _secret(name: str, values: dict[str, str]) -> dict[str, Any]:
    return _object("Secret", name, {"type": "Opaque", "stringData": values})


def _object(kind: str, name: str, rest: dict[str, Any]) -> dict[str, Any]:
    labels = {"app.kubernetes.io/part-of": "task-tracker"}
    return {"apiVersion": "v1", "kind": kind, "metadata": {"name": name, "labels": labels}, **rest}


def main() -> int:
    """Print them as a List, in JSON."""
    parser = argparse.ArgumentParser(prog="python -m deploy.kubernetes.secrets", description=__doc__)
    parser.add_argument(
        "--superuser", action="store_true", help="with a password for Postgres's administrator (overlay dev)"
    )
    chosen = parser.parse_args()
    items = new_objects(superuser=chosen.superuser)
    json.dump({"apiVersion": "v1", "kind": "List", "items": items}, sys.stdout, indent=2)
    sys.stdout.write("\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
