"""Containers of the images, run as strictly as a cluster runs them."""

import json
import re
from collections.abc import Mapping
from pathlib import Path

from deploy.docker.engine import Engine, EngineError
from deploy.docker.images import Image
from deploy.docker.sizing import MEMORY_MB

GRACE = 40
"""Seconds from SIGTERM to SIGKILL."""
USER = 10_001
"""Of the images, and their group."""
_CGROUPS = Path("/sys/fs/cgroup")


def strict(image: Image) -> tuple[str, ...]:
    """Options of `run`: nothing to be written but /tmp, no capability and no way to one, bounded memory."""
    memory = f"{MEMORY_MB[image.service]}m"
    scratch = "/tmp:rw,noexec,nosuid,nodev,size=64m"  # noqa: S108 - the container's own
    return (
        *("--read-only", "--read-only-tmpfs=false", "--tmpfs", scratch),
        *("--cap-drop=ALL", "--security-opt", "no-new-privileges", "--pids-limit", "256"),
        *("--memory", memory, "--memory-swap", memory, "--stop-timeout", str(GRACE)),
    )


def run_argv(engine: Engine, image: Image, name: str, environment: Mapping[str, str]) -> tuple[str, ...]:
    """The command that runs a container in the foreground, as a program that takes SIGTERM."""
    told = [word for key, value in environment.items() for word in ("--env", f"{key}={value}")]
    files = [value for key, value in environment.items() if key.endswith("_FILE")]
    given = [word for path in files for word in ("--volume", f"{path}:{path}:ro")]
    return (*engine.command, "run", "--name", name, *engine.run, *strict(image), *given, *told, image.name)


def run_once(engine: Engine, image: Image, *command: str, **environment: str) -> str:
    """Run a command in a container of its own; returns what it printed."""
    told = [word for key, value in environment.items() for word in ("--env", f"{key}={value}")]
    return engine.ask("run", "--rm", *engine.run, *strict(image), *told, image.name, *command, seconds=120)


def is_healthy(engine: Engine, name: str) -> bool:
    """Whether the image's own health check says so, asked for once, as nobody asks by the clock here."""
    try:
        engine.ask("healthcheck", "run", name)
    except EngineError:
        return False
    return True


def processes(engine: Engine, name: str) -> dict[int, tuple[str, str, int]]:
    """A container's processes by their number inside: name, state (R, S, Z, …) and user."""
    script = "for each in /proc/[0-9]*; do cat $each/status; echo; done 2>/dev/null"
    found = {}
    for told in engine.ask("exec", name, "sh", "-c", script).split("\n\n"):
        fields = dict(re.findall(r"^(\w+):\s+(\S+)", told, re.MULTILINE))
        if "Pid" in fields:
            found[int(fields["Pid"])] = (fields["Name"], fields["State"], int(fields["Uid"]))
    return found


def memory_mb(engine: Engine, name: str) -> dict[str, int]:
    """MiB that a running container takes (`anonymous`), and took at the most, with files read (`peak`)."""
    identity = engine.ask("inspect", "--format", "{{.Id}}", name)
    (folder, *_) = [
        *(_CGROUPS / "memory").rglob(f"libpod-{identity}"),
        *_CGROUPS.rglob(f"libpod-{identity}*"),
    ]
    statistics = dict(line.split() for line in (folder / "memory.stat").read_text().splitlines())
    peaks = (folder / "memory.max_usage_in_bytes", folder / "memory.peak")
    peak = next(path for path in peaks if path.exists())
    anonymous = int(statistics.get("total_rss") or statistics["anon"])
    return {"anonymous": anonymous >> 20, "peak": int(peak.read_text()) >> 20}


def configuration(engine: Engine, image: Image) -> dict[str, object]:
    """What the image says of itself: user, command, labels, health check, environment."""
    (found,) = json.loads(engine.ask("image", "inspect", image.name))
    told: dict[str, object] = found["Config"]
    # Docker has it among the rest, Podman beside.
    told.setdefault("Healthcheck", found.get("Healthcheck"))
    return told
