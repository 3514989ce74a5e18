"""A local run of dummy programs: `python dummy_house.py NAME=BEHAVIOUR …`, in the folder TT_LOCAL_DIR.

Behaviours: `serve` (answers 200; GET /die prints last words and exits 3), `stubborn` (ignores SIGTERM),
`parent` (its child serves), `broken` (ends at once).
"""

import os
import sys
from collections.abc import Callable
from pathlib import Path

from deploy.local.command import Command
from deploy.local.errors import LocalError
from deploy.local.house import House
from deploy.local.probes import http_probe
from deploy.local.programs import Program
from deploy.local.run import Plan, run

STAGES = {"ingestion": 30, "scoring": 30, "gateway": 40}


def programs(house: House) -> list[Program]:
    table = []
    for argument in sys.argv[1:]:
        name, _, behaviour = argument.partition("=")
        port = house.ports[name]
        url = f"http://127.0.0.1:{port}/"
        table.append(
            Program(name, STAGES[name], _command(name, behaviour, port), http_probe(url), stop_seconds=60)
        )
    return table


def _command(name: str, behaviour: str, port: int) -> Callable[[], Command]:
    script = str(Path(__file__).with_name("dummy_program.py"))
    argv = (sys.executable, script, name, behaviour, str(port))
    return lambda: Command(argv=argv, env={"PATH": os.defpath, "PYTHONUNBUFFERED": "1"})


if __name__ == "__main__":
    try:
        raise SystemExit(run(os.environ, Plan(programs=programs, after={})))
    except LocalError as error:
        print(error)
        raise SystemExit(1) from error
