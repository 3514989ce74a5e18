"""What is amiss with a server and a namespace on it, and what that means."""

from nats.aio.client import Client

from dramatiq_nats.doctor.finding import Finding, Level
from dramatiq_nats.doctor.namespace import (
    MISSING,
    check_permissions,
    check_queues,
    check_streams,
    other_namespaces,
)
from dramatiq_nats.doctor.server import (
    check_clock,
    check_flushing,
    check_limits,
    check_payload,
    check_version,
    read_account,
)

__all__ = ["Finding", "Level", "examine"]


async def examine(client: Client, namespace: str, *, monitor: str | None = None) -> list[Finding]:
    """Look a server and a namespace over, changing nothing.

    Args:
      client: A connection with the credentials that workers use, as permissions are tried too.
      namespace: The broker's namespace.
      monitor: The server's monitoring address, ``http://host:8222``; only there `sync_interval` can be seen.
    """
    findings = [check_version(client), check_payload(client)]
    account = await read_account(client)
    if account is None:
        why = "JetStream is not enabled for this account, or its API may not be asked ($JS.API.>)."
        return [*findings, Finding("jetstream", Level.ERROR, "no answer", why)]
    findings += check_limits(account)
    streams = [finding async for finding in check_streams(client, namespace)]
    if all(finding.found == MISSING for finding in streams):
        others = ", ".join(await other_namespaces(client)) or "none"
        means = f"No process with this namespace was ever here: is it the right one? Others: {others}."
        findings.append(Finding("namespace", Level.WARNING, f"{namespace!r} has no streams", means))
    findings += streams
    findings += [finding async for finding in check_permissions(client, namespace)]
    findings += [finding async for finding in check_queues(client, namespace)]
    findings.append(await check_clock(client, namespace))
    findings.append(check_flushing(monitor))
    return findings
