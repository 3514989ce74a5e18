"""Run inside a container: prints what is there, as JSON. Told which packages and programs should not be."""

import json
import os
import shutil
import stat
import sys
from importlib import metadata, util
from pathlib import Path


def main() -> None:
    """Look around."""
    tools, programs = json.loads(sys.argv[1])
    (site,) = (Path(each) for each in sys.path if each.endswith("/site-packages"))
    files = [
        path
        for top in ("bin", "etc", "opt", "usr", "var")
        for path in (Path("/") / top).rglob("*")
        if path.is_file() and not path.is_symlink()
    ]
    ours = [path for path in files if path.is_relative_to(site / "services")]
    bits = stat.S_ISUID | stat.S_ISGID
    found = {
        "tools": [name for name in tools if util.find_spec(name)],
        "programs": [name for name in programs if shutil.which(name)],
        "services": sorted(
            path.name for path in (site / "services").iterdir() if path.is_dir() and path.name[0] != "_"
        ),
        "packages": {_plain(each.name): each.version for each in metadata.distributions()},
        "tests": [str(path) for path in ours if "tests" in path.parts],
        "setuid": [str(path) for path in files if path.stat().st_mode & bits],
        "writable": [str(path) for path in files if os.access(path, os.W_OK)],
        "uncompiled": [
            str(path)
            for path in ours
            if path.suffix == ".py" and not Path(util.cache_from_source(str(path))).exists()
        ],
        "user": os.getuid(),
    }
    print(json.dumps(found))


def _plain(name: str) -> str:
    return name.lower().replace("_", "-").replace(".", "-")


if __name__ == "__main__":
    main()
