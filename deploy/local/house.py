"""What one local run consists of: its folder, its settings, its ports, its passwords."""

import difflib
import errno
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import msgspec

from deploy.local.door import Door
from deploy.local.errors import LocalError
from deploy.local.ports import free_port, is_free
from deploy.local.processes import listener
from deploy.local.services import SCHEMAS, WORKERS
from deploy.topology.nkeys import new_seed, public_key
from deploy.topology.passwords import new_password
from shared.sealing import new_encryption_key

ROOT = Path(__file__).resolve().parents[2]
PORTS = ("postgres", "nats", "nats_monitor", "embeddings", *(worker.name for worker in WORKERS), "gateway")
_SECRETS = (
    "postgres",
    *(f"postgres_{name}" for name in SCHEMAS),
    "nats",
    *(f"nkey_{name}" for name in SCHEMAS),
    "api_key",
    "webhook_secret",
    "encryption_key",
)
# Handed to every service when the user sets them.
PASSED_ON = ("TT_LOG_FORMAT", "TT_LOG_LEVEL", "TT_OTLP_ENDPOINT", "TT_TRACE_RATIO")
# And to the gateway alone.
PASSED_TO_GATEWAY = (
    "TT_AUDIT_DAYS",
    "TT_CORS_ORIGINS",
    "TT_JAEGER_URL",
    "TT_LOCKOUT_AFTER",
    "TT_PUBLIC_URL",
    "TT_RATE_LIMIT",
    "TT_SESSION_HOURS",
    "TT_SESSION_IDLE_HOURS",
    "TT_TRUSTED_PROXIES",
)
# And to ingestion alone.
PASSED_TO_INGESTION = (
    "TT_TELEGRAM_API_HASH",
    "TT_TELEGRAM_API_ID",
    "TT_TELEGRAM_API_URL",
    "TT_TELEGRAM_PATIENCE",
)
_KNOWN = (
    "TT_LOCAL_DIR",
    *(f"TT_LOCAL_{name.upper()}_PORT" for name in PORTS),
    *PASSED_ON,
    *PASSED_TO_GATEWAY,
    *PASSED_TO_INGESTION,
)
# Marks every process of a run, so that what a crash leaves is found again and nothing else is.
MARK = "TASK_TRACKER_RUN"

_Value = TypeVar("_Value", int, str)


@dataclass(frozen=True)
class House:
    """One run's folder and what is settled for it."""

    directory: Path
    ports: Mapping[str, int]
    secrets: Mapping[str, str]
    environment: Mapping[str, str]
    moved: Mapping[str, str]  # port name -> what was said about a port that had to change

    @property
    def logs(self) -> Path:
        """The folder with one log file a program."""
        return self.directory / "log"

    @property
    def state(self) -> Path:
        """The folder of what only a running system needs: commands, records, the supervisor's socket."""
        return self.directory / "run"

    @property
    def gateway_url(self) -> str:
        """Where the gateway answers."""
        return f"http://127.0.0.1:{self.ports['gateway']}"

    @property
    def api_key(self) -> str:
        """The admin's key."""
        return self.secrets["api_key"]

    @property
    def door(self) -> Door:
        """Where it is entered."""
        return Door(
            url=self.gateway_url,
            api_key=self.api_key,
            public_url=self.gateway_url,
            page=f"{self.gateway_url}/#key={self.api_key}",
            logs=str(self.logs),
            goodbye="Below: warnings and errors of all programs. Ctrl-C stops everything.",
        )

    @property
    def nkeys(self) -> dict[str, str]:
        """By service, the public key by which NATS knows it."""
        return {name: public_key(self.secrets[f"nkey_{name}"]) for name in SCHEMAS}

    def nkey_file(self, service: str) -> Path:
        """The file that a service reads the seed of its NKEY from."""
        return self.directory / "nkeys" / f"{service}.nk"

    def log(self, program: str) -> Path:
        """The log file of a program."""
        return self.logs / f"{program}.log"


def directory_of(environment: Mapping[str, str]) -> Path:
    """The folder of the run: TT_LOCAL_DIR, or `.local` in the checkout."""
    given = environment.get("TT_LOCAL_DIR")
    return Path(given).expanduser().absolute() if given else ROOT / ".local"


def open_house(environment: Mapping[str, str]) -> House:
    """Make the run's folder, or find it again, with the ports and passwords of its first start.

    Call it only when nothing of this house runs: a remembered port that somebody listens on is given up.

    Raises:
        LocalError: an unknown setting, a bad or busy configured port, a folder that cannot be written.
    """
    check_settings(environment)
    directory = directory_of(environment)
    try:
        # Others may pass through (Postgres does, as another account), not look.
        for folder, mode in ((".", 0o711), ("log", 0o700), ("run", 0o700), ("nkeys", 0o700)):
            (directory / folder).mkdir(parents=True, exist_ok=True)
            (directory / folder).chmod(mode)
        known = _secrets_of(directory)
        moved: dict[str, str] = {}
        ports = _settle_ports(directory, environment, moved)
        house = House(directory, ports, known, environment, moved)
        for name in SCHEMAS:
            house.nkey_file(name).touch(mode=0o600)
            house.nkey_file(name).write_text(f"{known[f'nkey_{name}']}\n")
    except OSError as error:
        raise LocalError(_why_unwritable(directory, error)) from error
    return house


def existing_house(environment: Mapping[str, str]) -> House | None:
    """The house as an earlier start settled it, touching nothing; None when there was no start yet."""
    directory = directory_of(environment)
    ports, known = _read(directory / "ports.json", int), _read(directory / "secrets.json", str)
    if any(name not in ports for name in PORTS) or any(name not in known for name in _SECRETS):
        return None
    return House(directory, ports, known, environment, {})


def check_settings(environment: Mapping[str, str]) -> None:
    """Raise LocalError on a TT_ variable that the local run does not know, with the nearest name."""
    for name in environment:
        if name.startswith("TT_") and name not in _KNOWN:
            near = difflib.get_close_matches(name, _KNOWN, n=1)
            hint = f" Did you mean {near[0]}?" if near else ""
            raise LocalError(
                f"{name} is set, which the local run does not know.{hint} Its settings: {', '.join(_KNOWN)}."
            )


def _secrets_of(directory: Path) -> dict[str, str]:
    path = directory / "secrets.json"
    known = _read(path, str)
    missing = [name for name in _SECRETS if name not in known]
    if missing and "postgres" in missing and (directory / "postgres" / "data").exists():
        raise LocalError(
            f"{path} is missing or unreadable, and the database in {directory / 'postgres'} was made with "
            "its passwords: put the file back, or start anew with 'make clean run'."
        )
    if missing:
        known |= {name: _new_secret(name) for name in missing}
        _write(path, known)
    return known


def _new_secret(name: str) -> str:
    if name.startswith("nkey_"):
        return new_seed()
    if name == "encryption_key":
        return new_encryption_key()
    return new_password()


def _settle_ports(directory: Path, environment: Mapping[str, str], moved: dict[str, str]) -> dict[str, int]:
    remembered = _read(directory / "ports.json", int)
    configured = {name: port for name in PORTS if (port := _configured(name, environment)) is not None}
    _check_distinct(configured)
    ports: dict[str, int] = {}
    for name in PORTS:
        taken = {*ports.values(), *configured.values()}
        if name in configured:
            ports[name] = configured[name]
        elif name in remembered and remembered[name] not in taken and is_free(remembered[name]):
            ports[name] = remembered[name]
        else:
            ports[name] = _another_port(taken)
            if name in remembered:
                moved[name] = (
                    f"port {remembered[name]} of {name} is now used by {_who(remembered[name])}; "
                    f"taking {ports[name]}"
                )
    if ports != remembered:
        _write(directory / "ports.json", ports)
    return ports


def _configured(name: str, environment: Mapping[str, str]) -> int | None:
    variable = f"TT_LOCAL_{name.upper()}_PORT"
    text = environment.get(variable)
    if not text:
        return None
    if not text.isascii() or not text.isdigit() or not 1 <= int(text) <= 65_535:  # noqa: PLR2004
        raise LocalError(f"{variable}={text} is no port: give a number from 1 to 65535, or leave it out.")
    port = int(text)
    if not is_free(port):
        raise LocalError(
            f"Port {port} ({variable}) is used by {_who(port)}: "
            "stop that program, or set another port, or leave the variable out to get a free one."
        )
    return port


def _check_distinct(configured: Mapping[str, int]) -> None:
    for name, port in configured.items():
        same = [other for other, value in configured.items() if value == port and other != name]
        if same:
            raise LocalError(f"Port {port} is configured for both {name} and {same[0]}: give each its own.")


def _another_port(taken: set[int]) -> int:
    while (port := free_port()) in taken:
        pass
    return port


def _who(port: int) -> str:
    return listener(port) or "another program"


def _why_unwritable(directory: Path, error: OSError) -> str:
    if error.errno == errno.ENOSPC:
        return f"The disk of {directory} is full: free some space, or point TT_LOCAL_DIR at another disk."
    return f"{directory} cannot be written ({error.strerror}): set TT_LOCAL_DIR to a folder of yours."


def _read(path: Path, kind: type[_Value]) -> dict[str, _Value]:
    try:
        values = msgspec.json.decode(path.read_bytes(), type=dict[str, Any])
    except (OSError, msgspec.MsgspecError):
        return {}
    return {name: value for name, value in values.items() if isinstance(value, kind)}


def _write(path: Path, values: Mapping[str, int] | Mapping[str, str]) -> None:
    # Written beside and renamed, so that a crash leaves the old file or the new one.
    unfinished = path.with_suffix(f".{os.getpid()}")
    unfinished.touch(mode=0o600)
    unfinished.write_bytes(msgspec.json.format(msgspec.json.encode(values)) + b"\n")
    unfinished.replace(path)
