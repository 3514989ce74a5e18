"""How many files, sockets included, a process may have open."""

import resource
import sys

_BESIDE = 200
"""What a process has open beside its clients' sockets."""


def allow_many_files(sockets: int) -> None:
    """Raise the limit to what so many sockets need; exit with what to do where this user may not."""
    needed = sockets + _BESIDE
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard != resource.RLIM_INFINITY and hard < needed:
        sys.exit(
            f"{needed} files must be open at a time and this user may have {hard}: raise the hard limit "
            f"(ulimit -Hn {needed}) or take fewer clients (BENCH_ARGS='--clients {max(1, hard - _BESIDE)}')"
        )
    if soft < needed:
        resource.setrlimit(resource.RLIMIT_NOFILE, (needed, hard))
