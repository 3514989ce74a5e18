"""What the images may weigh and their containers may take, as measured: docs and manifests say the same."""

from types import MappingProxyType

LARGEST_MB = MappingProxyType(
    {"ingestion": 280, "scoring": 245, "embedding": 300, "knowledge": 400, "analysis": 305, "gateway": 265}
)
"""Megabytes of an image, unpacked."""

MEMORY_MB = MappingProxyType(
    {"ingestion": 512, "scoring": 384, "embedding": 512, "knowledge": 512, "analysis": 512, "gateway": 384}
)
"""MiB that a container with one worker process may take before it is killed."""
