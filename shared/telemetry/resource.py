"""What spans say of the process that they come from, by OpenTelemetry's conventions for resources."""

import os
import socket
from uuid import uuid4

from opentelemetry.sdk.resources import OTELResourceDetector, Resource
from opentelemetry.util.types import AttributeValue


def resource_of(service: str, version: str | None, namespace: str) -> Resource:
    """The resource of a process of a service.

    Args:
        service: Its name, without the product's.
        version: Of the product; None when it is not known.
        namespace: Of the installation; empty for the only one.
    """
    attributes: dict[str, AttributeValue] = {
        "service.name": f"task-tracker-{service}",
        "service.namespace": namespace or "task-tracker",
        "service.instance.id": str(uuid4()),
        "host.name": socket.gethostname(),
        "process.pid": os.getpid(),
    }
    if version is not None:
        attributes["service.version"] = version
    return Resource.create(attributes).merge(OTELResourceDetector().detect())
