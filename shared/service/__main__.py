"""Starts a worker container: `python -m shared.service services.scoring.worker`, and options of `dramatiq`.

It is Dramatiq's command line, which forks a worker process and the service plane. Left to itself each of them
imports the service's code anew; here it is imported before, once, and the processes share its memory.
"""

import gc
import importlib
import multiprocessing
import pkgutil
import sys

from dramatiq import cli


def preload(worker: str) -> None:
    """Import a service's code, but not the module that binds it to servers: that is for each process to do.

    Its actors and its queries import nearly all of the rest; importing them opens and starts nothing.

    Args:
        worker: The worker's module, as Dramatiq is told: `services.scoring.worker`.
    """
    service = importlib.import_module(worker.partition(":")[0].rpartition(".")[0])
    for module in pkgutil.iter_modules(service.__path__, f"{service.__name__}."):
        if module.name.endswith((".actors", "queries")):
            importlib.import_module(module.name)
    # What the collector never looks at again is never written to, so that the processes go on sharing it.
    gc.collect()
    gc.freeze()


def main() -> int:
    """Be `dramatiq`; returns its exit code."""
    options = cli.make_argument_parser().parse_args()
    # Where processes are no forks (macOS, Windows, Python 3.14's own choice) they would share nothing.
    if multiprocessing.get_all_start_methods()[0] == "fork" and not options.use_spawn:
        sys.path[:0] = options.path
        preload(options.broker)
    # What it starts in its own place at SIGHUP.
    sys.argv = [sys.executable, "-m", "shared.service", *sys.argv[1:]]
    return int(cli.main(options) or 0)


if __name__ == "__main__":
    raise SystemExit(main())
