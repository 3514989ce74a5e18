"""The memory of a long import: `python -m tests.benchmarks.million [MESSAGES]`, each process's peak in MB."""

import sys
import tempfile
import time
from pathlib import Path

from tests.generate_export import write_export
from tests.system import UNDERSTANDING, System, running_system, wait_for

_LIMIT_MB = 300


def main(messages: int) -> int:
    """Import a generated export and print what each process held at its peak.

    Returns:
        The exit code: 1 when a process of ours held more than the limit.
    """
    with tempfile.TemporaryDirectory(prefix="task-tracker-million-") as folder:
        export = Path(folder) / "result.json"
        write_export(export, messages, seed=29)
        print(f"{messages:,} messages, {export.stat().st_size / 1e6:,.0f} MB")
        with running_system(Path(folder) / "system", without=UNDERSTANDING, TT_LOG_LEVEL="WARNING") as system:
            began = time.monotonic()
            job_id = system.import_export(export)
            print(f"uploaded after {time.monotonic() - began:,.0f} s")
            wait_for(lambda: system.is_over(job_id), "the import ends", seconds=3600)
            print(f"{system.job(job_id)['status']} after {time.monotonic() - began:,.0f} s")
            wait_for(lambda: _scored(system) >= messages, "all are scored", seconds=3600)
            print(f"scored after {time.monotonic() - began:,.0f} s")
            stored = system.count("SELECT count(*) FROM ingestion.messages")
            assert stored == _scored(system) == messages, (stored, _scored(system))
            return _show_peaks(system)


def _scored(system: System) -> int:
    return system.count("SELECT count(*) FROM scoring.scores")


def _show_peaks(system: System) -> int:
    too_large = 0
    for name, pids in system.processes().items():
        peaks = [_peak_mb(pid) for pid in pids]
        print(f"{name:<12}" + " ".join(f"{peak:>8.0f}" for peak in sorted(peaks, reverse=True)[:6]) + " MB")
        too_large += max(peaks) > _LIMIT_MB
    return 1 if too_large else 0


def _peak_mb(pid: int) -> float:
    """The most that a process had resident."""
    try:
        status = Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return 0.0
    (line,) = [line for line in status.splitlines() if line.startswith("VmHWM:")] or ["VmHWM: 0 kB"]
    return int(line.split()[1]) / 1024


if __name__ == "__main__":
    raise SystemExit(main(int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000))
