"""The container engine: Docker or Podman, by the commands that both know."""

import os
import resource
import shutil
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

_AUTHORITIES = Path("/etc/ssl/certs/ca-certificates.crt")


class EngineError(RuntimeError):
    """The engine refused, or there is none; says which command failed and what it said."""


@dataclass(frozen=True)
class Engine:
    """How to call an engine.

    Attributes:
        command: The program and the options that stand before its subcommand.
        build: More options of `build`.
        run: More options of `run`.
    """

    command: tuple[str, ...]
    build: tuple[str, ...] = ()
    run: tuple[str, ...] = ()

    def ask(self, *arguments: str, seconds: float = 600) -> str:
        """Run a subcommand; returns what it printed.

        Raises:
            EngineError: It failed, or took too long; with the last lines of what it said.
        """
        argv = [*self.command, *arguments]
        try:
            done = subprocess.run(argv, capture_output=True, text=True, timeout=seconds, check=False)
        except subprocess.TimeoutExpired as error:
            raise EngineError(f"{' '.join(argv)} took longer than {seconds:.0f} s.") from error
        if done.returncode != 0:
            said = "\n".join((done.stdout + done.stderr).strip().splitlines()[-25:])
            raise EngineError(f"{' '.join(argv)} failed:\n{said}")
        return done.stdout.strip()


def installed_engine() -> Engine:
    """Docker, or else Podman, as it is set up on this machine.

    Raises:
        EngineError: There is neither, or its service does not answer.
    """
    for name in ("docker", "podman"):
        if shutil.which(name) is None:
            continue
        engine = Engine((name,), build=("--format", "docker") if name == "podman" else ())
        try:
            engine.ask("info", seconds=30)
        except EngineError:
            continue
        return engine
    raise EngineError(
        "Neither docker nor podman answers here: install one, or, on a Debian without either, "
        "`make images STAND_IN=1`, which needs podman, runc and mmdebstrap, and makes the base itself."
    )


def sandboxed_engine(folder: Path) -> Engine:
    """Podman by itself: no service, no systemd; the host's network, certificates and limits.

    Args:
        folder: Where its images lie from one time to the next.
    """
    store = ("--root", str(folder / "images"), "--runroot", str(folder / "run"))
    setup = ("--cgroup-manager", "cgroupfs", "--runtime", "runc", "--events-backend", "none")
    _, files = resource.getrlimit(resource.RLIMIT_NOFILE)
    limits = ("--ulimit", f"nofile={files}:{files}", "--ulimit", "nproc=4096:4096")
    return Engine(
        ("podman", *store, *setup, "--log-level", "fatal"),
        build=("--format", "docker", "--network", "host", *_certificates()),
        run=("--network", "host", *limits),
    )


def missing_programs(names: Sequence[str] = ("podman", "runc", "mmdebstrap")) -> list[str]:
    """Those of the programs that `sandboxed_engine` and its base need and this machine lacks."""
    places = os.pathsep.join([os.environ.get("PATH", os.defpath), "/usr/sbin", "/sbin"])
    return [name for name in names if shutil.which(name, path=places) is None]


def _certificates() -> tuple[str, ...]:
    """The authorities that this host trusts, its proxy's among them, for as long as a build runs."""
    if not _AUTHORITIES.is_file():
        return ()
    return ("--volume", f"{_AUTHORITIES}:{_AUTHORITIES}:ro", "--build-arg", f"PIP_CERT={_AUTHORITIES}")
