"""supervisord: restarts with backoff, ordered stop. Here: its configuration, its XML-RPC by Unix socket."""

import shlex
import tempfile
import xmlrpc.client
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import msgspec

from deploy.local.launch import launched_command
from deploy.local.probes import NO_AUTHORITIES

_SOCKET = "s.sock"
_SHUTDOWN_STATE = 6  # supervisor.xmlrpc.Faults
_LONGEST_SOCKET = 90  # bytes; the system's limit is 108 (104 on macOS), and supervisord appends its pid

_HEAD = """\
; Written at each start by deploy/local/supervision.py; changes here are lost.
[unix_http_server]
file = {socket}
chmod = 0700

[supervisord]
nodaemon = true
silent = true
loglevel = info
logfile = ../log/supervisord.log
logfile_maxbytes = 1MB
logfile_backups = 1
pidfile = supervisord.pid
minfds = 256
minprocs = 50
{user}
[rpcinterface:supervisor]
supervisor.rpcinterface_factory = supervisor.rpcinterface:make_main_rpcinterface
"""

# Dramatiq takes a second SIGTERM as "at once", so only the parent is asked (no stopasgroup).
_PROGRAM = """
[program:{name}]
command = {command}
priority = {priority}
autostart = false
autorestart = true
startsecs = 5
startretries = 40
stopsignal = {stop_signal}
stopwaitsecs = {stop_seconds}
killasgroup = true
redirect_stderr = true
stdout_logfile = ../log/{name}.log
stdout_logfile_maxbytes = 20MB
stdout_logfile_backups = 1
"""


class Supervised(msgspec.Struct, frozen=True):
    """What supervisord has to know of a program. A higher stage starts later and stops earlier."""

    name: str
    stage: int
    stop_signal: str = "TERM"
    stop_seconds: int = 10


class ProcessInfo(msgspec.Struct, frozen=True):
    """What supervisord says of a program."""

    name: str
    group: str
    statename: str  # STOPPED, STARTING, RUNNING, BACKOFF, STOPPING, EXITED, FATAL, UNKNOWN
    pid: int  # 0 when it does not run
    start: int  # seconds since the epoch; 0 when it never ran
    now: int
    spawnerr: str = ""


def configuration(state: Path, socket: str, programs: Iterable[Supervised], *, as_root: bool) -> str:
    """The text of supervisord.conf; supervisord is to run in the folder `state` and listen on `socket`."""
    programs = sorted(programs, key=lambda program: program.stage)
    parts = [_HEAD.format(socket=socket.replace("%", "%%"), user="user = root\n" if as_root else "")]
    for program in programs:
        # Percent signs introduce supervisord's own variables.
        command = shlex.join(launched_command(state, program.name)).replace("%", "%%")
        parts.append(
            _PROGRAM.format(
                name=program.name,
                command=command,
                priority=program.stage,
                stop_signal=program.stop_signal,
                stop_seconds=program.stop_seconds,
            )
        )
    for stage in sorted({program.stage for program in programs}):
        # Groups stop one after the other, the programs of one group together.
        names = ",".join(program.name for program in programs if program.stage == stage)
        parts.append(f"\n[group:stage{stage}]\nprograms = {names}\npriority = {stage}\n")
    return "".join(parts)


@contextmanager
def socket_path(state: Path) -> Iterator[str]:
    """A path of supervisord's socket that is short enough for the system, by a symbolic link where needed."""
    path = state / _SOCKET
    if len(bytes(path)) <= _LONGEST_SOCKET:
        yield str(path)
        return
    with tempfile.TemporaryDirectory(prefix="tt-", dir="/tmp") as short:
        link = Path(short) / "s"
        link.symlink_to(state)
        yield str(link / _SOCKET)


async def call(state: Path, method: str, *arguments: str | bool) -> Any:
    """One XML-RPC call to supervisord.

    Raises:
        OSError: nobody listens or it is ending (ConnectionError), or no answer in 10 s (TimeoutError).
        xmlrpc.client.Fault: supervisord refuses.
    """
    body = xmlrpc.client.dumps(arguments, f"supervisor.{method}").encode()
    with socket_path(state) as path:
        transport = httpx.AsyncHTTPTransport(uds=path, verify=NO_AUTHORITIES)
        try:
            async with httpx.AsyncClient(transport=transport, timeout=10) as client:
                answer = await client.post(
                    "http://supervisor/RPC2", content=body, headers={"Content-Type": "text/xml"}
                )
        except httpx.TimeoutException as error:
            raise TimeoutError(f"supervisord did not answer {method}") from error
        except httpx.TransportError as error:
            raise ConnectionError(f"supervisord is not there: {error}") from error
    try:
        values, _ = xmlrpc.client.loads(answer.content)
    except xmlrpc.client.Fault as fault:
        if fault.faultCode == _SHUTDOWN_STATE:
            raise ConnectionError("supervisord is ending") from fault
        raise
    return values[0]


async def process_info(state: Path) -> list[ProcessInfo]:
    """What supervisord says of each of its programs."""
    return msgspec.convert(await call(state, "getAllProcessInfo"), type=list[ProcessInfo])


async def start_programs(state: Path, programs: Sequence[Supervised]) -> None:
    """Ask supervisord to start these programs; does not wait until they are ready."""
    for program in programs:
        await call(state, "startProcess", f"stage{program.stage}:{program.name}", False)


async def answering(state: Path) -> bool:
    """Whether supervisord listens and answers."""
    try:
        return bool(await call(state, "getState"))
    except (OSError, xmlrpc.client.Fault):
        return False


async def shut_down(state: Path) -> bool:
    """Ask supervisord to stop everything, latest stage first, and end. False when it is not there."""
    try:
        await call(state, "shutdown")
    except (OSError, xmlrpc.client.Fault):
        return False
    return True
