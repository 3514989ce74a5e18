"""The streams on NATS: made, or brought up to this version's subjects, before any service starts."""

import asyncio
import sys

from deploy.local.errors import LocalError
from deploy.local.house import ROOT, House
from deploy.local.nats import nats_url
from deploy.local.programs import service_environment


async def prepare_streams(house: House) -> None:
    """Make them as the operator, who alone may change one that is there.

    Raises:
        LocalError: NATS refuses.
    """
    address = nats_url(house.ports["nats"], house.secrets["nats"])
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "shared.service.streams",
        env=service_environment(house, {"TT_NATS_URL": address}),
        cwd=ROOT,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
        start_new_session=True,
    )
    try:
        output, _ = await process.communicate()
    except asyncio.CancelledError:
        process.kill()
        await process.wait()
        raise
    house.log("streams").write_bytes(output)
    if process.returncode != 0:
        raise LocalError(output.decode(errors="replace").strip())
