"""Who talks to whom: one table, from which NATS's permissions and the network's rules are made.

`services` says what each of the six services sends, publishes, hears, asks and keeps; `network` which
connections there are. Tests hold them against the code, so that they say neither more nor less than is done.
"""

from deploy.topology.network import Connection, connections
from deploy.topology.services import SERVICES, Service

__all__ = ["SERVICES", "Connection", "Service", "connections"]
