"""Builds the images, writes what is in each, and says how large each is: `python -m deploy.docker.images`."""

import argparse
import subprocess
import sys
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from deploy.docker.engine import Engine, EngineError, installed_engine
from deploy.docker.stand_in import cache_folder, stand_in_engine
from deploy.local.services import SCHEMAS

ROOT = Path(__file__).resolve().parents[2]
RECIPE = "deploy/docker/Dockerfile"
BOM = "/opt/venv/bom.cdx.json"
_MB = 1_000_000


@dataclass(frozen=True)
class Image:
    """An image that was built: the service's name, the image's, and its size in bytes."""

    service: str
    name: str
    size: int


def version() -> str:
    """The version that pyproject.toml tells."""
    with (ROOT / "pyproject.toml").open("rb") as file:
        return str(tomllib.load(file)["project"]["version"])


def revision() -> str:
    """The commit that is checked out; `unknown` where there is no git."""
    try:
        asked = ["git", "-C", str(ROOT), "rev-parse", "HEAD"]
        done = subprocess.run(asked, capture_output=True, text=True, check=False)
    except OSError:
        return "unknown"
    return done.stdout.strip() or "unknown"


def image_name(service: str) -> str:
    """The name of a service's image, for example `task-tracker-scoring:0.1.0`."""
    return f"task-tracker-{service}:{version()}"


def build(engine: Engine, service: str, arguments: Iterable[str] = ()) -> Image:
    """Build the image of a service.

    Raises:
        EngineError: The build fails.
    """
    name = image_name(service)
    told = {"SERVICE": service, "VERSION": version(), "REVISION": revision()}
    options = [word for key, value in told.items() for word in ("--build-arg", f"{key}={value}")]
    recipe = ("-f", str(ROOT / RECIPE), "-t", name, str(ROOT))
    engine.ask("build", *engine.build, *options, *arguments, *recipe, seconds=1800)
    return Image(service, name, int(engine.ask("image", "inspect", "--format", "{{.Size}}", name)))


def bill_of_materials(engine: Engine, image: Image) -> str:
    """What is in the image, as the CycloneDX document that lies in it."""
    return engine.ask("run", "--rm", *engine.run, image.name, "cat", BOM)


def table(images: Iterable[Image]) -> str:
    """The sizes, as a table in Markdown."""
    rows = [f"| {image.service} | {image.size / _MB:.0f} MB |" for image in images]
    return "\n".join(("| image | size |", "|---|---|", *rows))


def main() -> int:
    """Build what the command line asks for; returns the exit code."""
    parser = argparse.ArgumentParser(prog="python -m deploy.docker.images", description=__doc__)
    parser.add_argument("services", nargs="*", metavar="SERVICE", help=f"of {', '.join(SCHEMAS)}; all")
    parser.add_argument("--out", type=Path, default=ROOT / "build" / "images", help="folder of the documents")
    parser.add_argument("--stand-in", action="store_true", help="on a base of Debian's packages, by Podman")
    given = parser.parse_args()
    unknown = set(given.services) - set(SCHEMAS)
    if unknown:
        parser.error(f"no service: {', '.join(sorted(unknown))}")
    given.out.mkdir(parents=True, exist_ok=True)
    images = []
    try:
        engine = stand_in_engine(cache_folder()) if given.stand_in else installed_engine()
        for service in given.services or SCHEMAS:
            images.append(build(engine, service))
            told = given.out / f"{service}.cdx.json"
            told.write_text(bill_of_materials(engine, images[-1]), encoding="utf-8")
            print(f"{images[-1].name}: {images[-1].size / _MB:.0f} MB; what is in it: {told}", flush=True)
    except EngineError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    print(f"\n{table(images)}")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
