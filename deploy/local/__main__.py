"""`python -m deploy.local run|status|seed-labels|traces|stop|clean`."""

import argparse
import asyncio
import os
import sys
from pathlib import Path

from deploy.local import manage
from deploy.local.chat import first_minute, resolve_export
from deploy.local.errors import LocalError
from deploy.local.house import House
from deploy.local.programs import DOOR, MESSAGING, programs
from deploy.local.run import Plan, run
from deploy.local.schema import prepare_schemas
from deploy.local.seeding import seed_labels
from deploy.local.streams import prepare_streams
from deploy.local.summary import follow_totals
from deploy.local.terminal import Terminal
from deploy.local.traces import print_traces


def main(arguments: list[str] | None = None) -> int:
    """Do what the command line says; returns the exit code."""
    parser = argparse.ArgumentParser(
        prog="python -m deploy.local", description="The whole system on one machine."
    )
    commands = parser.add_subparsers(dest="command", required=True)
    running = commands.add_parser("run", help="start everything, until Ctrl-C")
    running.add_argument("--export", default="", help="a result.json of Telegram Desktop to import")
    commands.add_parser("status", help="what runs, and whether it is ready")
    commands.add_parser("seed-labels", help="say which topics the sample chat's messages are of")
    traces = commands.add_parser("traces", help="take traces and print them as text, until Ctrl-C")
    traces.add_argument("--run", default="", help="only the chain with this run_id")
    traces.add_argument("--port", type=int, default=4318, help="where they are taken (4318)")
    commands.add_parser("stop", help="stop everything in order")
    commands.add_parser("clean", help="stop, and remove the data")
    options = parser.parse_args(arguments)
    others = {
        "status": manage.status,
        "seed-labels": seed_labels,
        "stop": manage.stop,
        "clean": manage.clean,
    }
    try:
        if options.command == "run":
            return run(os.environ, plan(resolve_export(options.export) if options.export else None))
        if options.command == "traces":
            return print_traces(options.run, options.port)
        return others[options.command](os.environ)
    except LocalError as error:
        sys.stderr.write(f"\n{error}\n")
        return 1
    except KeyboardInterrupt:
        return 130


def plan(export: Path | None) -> Plan:
    """The whole system; once its door is open, this export (or the sample) goes in."""

    async def open_door(house: House, terminal: Terminal) -> None:
        await first_minute(house.door, terminal, export)
        await follow_totals(house.door, terminal)

    async def schemas(house: House, terminal: Terminal) -> None:
        await asyncio.gather(prepare_schemas(house), prepare_streams(house))
        terminal.say("schemas are up to date", program="postgres")
        terminal.say("streams are up to date", program="nats")

    return Plan(programs=programs, after={MESSAGING: schemas, DOOR: open_door})


if __name__ == "__main__":
    raise SystemExit(main())
