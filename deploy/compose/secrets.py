"""Makes the secrets of an installation at its first start, each where only those find it who need it.

`python -m deploy.compose.secrets FOLDER`: in FOLDER is one folder for each party, a volume of its container,
and `kept`, which holds all secrets and which no other container sees. What is kept is never replaced, unless
it is named behind `--renew`; what the parties read follows from it and is written anew each time.
"""

import argparse
import os
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import msgspec

from deploy.topology.authorization import OPERATOR, PARTIES, nkey_variables
from deploy.topology.nkeys import new_seed, public_key
from deploy.topology.passwords import new_password
from deploy.topology.services import SERVICES
from shared.database.provision import role_of
from shared.sealing import new_encryption_key

DATABASE = "tasktracker"
SERVICE_USER = 10001
"""Whom our own images, NATS and Jaeger run as."""
OWNERS = {"postgres": 999, "prometheus": 65534, "grafana": 472}
"""Whom the others run as."""

_ENCRYPTION_KEYS = "encryption_keys"
_NAMES = [service.name for service in SERVICES]


MAKERS: dict[str, Callable[[], str]] = {
    "postgres": new_password,
    **{f"postgres_{name}": new_password for name in _NAMES},
    **{f"nkey_{party}": new_seed for party in PARTIES},
    _ENCRYPTION_KEYS: new_encryption_key,
    "api_key": new_password,
    "webhook_secret": new_password,
    "metrics_token": new_password,
    "grafana": new_password,
}
"""Every secret that there is, and what makes it."""


def complete(known: Mapping[str, str], renew: Sequence[str] = ()) -> dict[str, str]:
    """Every secret: those that are known, and new ones for what is missing or named.

    A new encryption key comes before the old ones, which go on opening what they sealed.
    """
    whole = {name: known.get(name) or make() for name, make in MAKERS.items()}
    for name in renew:
        whole[name] = MAKERS[name]()
    if _ENCRYPTION_KEYS in renew and known.get(_ENCRYPTION_KEYS):
        whole[_ENCRYPTION_KEYS] += f",{known[_ENCRYPTION_KEYS]}"
    return whole


def files_of(known: Mapping[str, str]) -> dict[str, str]:
    """What is written for whom: texts by path, whose first part is the party."""
    keys = {party: known[f"nkey_{party}"] for party in PARTIES}
    public = {variable: public_key(keys[party]) for party, variable in nkey_variables().items()}
    files = {f"{party}/nkey": f"{seed}\n" for party, seed in keys.items()}
    for service in SERVICES:
        files[f"{service.name}/env"] = _exports(_settings_of(service.name, known))
    files |= {
        f"{OPERATOR}/env": _exports(
            {
                "TT_ADMIN_DATABASE_URL": f"postgresql://postgres:{known['postgres']}@postgres:5432/postgres",
                "TT_DATABASE": DATABASE,
                **{f"TT_PASSWORD_{name.upper()}": known[f"postgres_{name}"] for name in _NAMES},
            }
        ),
        "nats/env": _exports(public),
        "postgres/password": known["postgres"],
        "prometheus/metrics_token": known["metrics_token"],
        "grafana/password": known["grafana"],
        "door/api_key": known["api_key"],
    }
    return files


def _settings_of(service: str, known: Mapping[str, str]) -> dict[str, str]:
    password = known[f"postgres_{service}"]
    settings = {"TT_DATABASE_URL": f"postgresql://{role_of(service)}:{password}@postgres:5432/{DATABASE}"}
    if service != "scoring":  # the one that has nothing to seal or to open
        settings["TT_ENCRYPTION_KEYS"] = known[_ENCRYPTION_KEYS]
    if service == "gateway":
        settings |= {
            "TT_BOOTSTRAP_API_KEY": known["api_key"],
            "TT_WEBHOOK_SECRET": known["webhook_secret"],
            "TT_METRICS_TOKEN": known["metrics_token"],
        }
    return settings


def _exports(values: Mapping[str, str]) -> str:
    """Lines for a shell; no secret made here holds a quote."""
    return "".join(f"export {name}='{value}'\n" for name, value in values.items())


def write(folder: Path, renew: Sequence[str] = ()) -> None:
    """Make what is missing, and write for each party what it reads."""
    kept = folder / "kept" / "secrets.json"
    known = msgspec.json.decode(kept.read_bytes(), type=dict[str, str]) if kept.exists() else {}
    whole = complete(known, renew)
    _write(kept, msgspec.json.format(msgspec.json.encode(whole)).decode(), owner=0)
    for path, text in files_of(whole).items():
        _write(folder / path, text, owner=OWNERS.get(path.partition("/")[0], SERVICE_USER))


def _write(path: Path, text: str, *, owner: int) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_name(f".{path.name}")
    unfinished.unlink(missing_ok=True)
    unfinished.touch(mode=0o600)
    unfinished.write_text(text)
    unfinished.chmod(0o400)
    own(unfinished, owner)
    own(path.parent, owner)
    path.parent.chmod(0o700)
    unfinished.replace(path)


def own(path: Path, owner: int) -> None:
    """Give a file or folder to whom it is for; only root can, and in a test nobody else is there."""
    if os.geteuid() == 0:
        os.chown(path, owner, owner)


def main(arguments: Sequence[str] | None = None) -> int:
    """Do what the command line says; returns the exit code."""
    parser = argparse.ArgumentParser(prog="secrets", description="Makes the secrets of an installation.")
    parser.add_argument("folder", type=Path, help="where each party has its folder")
    parser.add_argument("--own", nargs="*", type=Path, default=[], help="volumes that services write to")
    parser.add_argument(
        "--renew", nargs="*", default=[], choices=list(MAKERS), help="secrets to make anew", metavar="NAME"
    )
    options = parser.parse_args(arguments)
    write(options.folder, options.renew)
    for volume in options.own:
        own(volume, SERVICE_USER)
    sys.stdout.write("The secrets are there. `docker compose run --rm key` shows the key to the page.\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
