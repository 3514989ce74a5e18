"""The part of NATS's configuration that says who may do what, as text.

https://docs.nats.io/running-a-nats-service/configuration/securing_nats/authorization
"""

import json
from collections.abc import Iterable, Mapping

from deploy.topology.permissions import grants_of
from deploy.topology.services import SERVICES, Service

OPERATOR = "operator"
"""Who may do everything: whoever sets an installation up, looks after it, or mends it."""

PARTIES = (OPERATOR, *(service.name for service in SERVICES))
"""Everybody whom NATS knows; all others are refused."""

# A query is answered once. Nobody waits for an answer for longer than a few minutes.
_RESPONSES = '{max: 1, expires: "5m"}'


def nkey_variables() -> dict[str, str]:
    """By party, the variable of the configuration, or of the environment, that holds its public NKEY."""
    return {party: f"TT_NKEY_{party.upper()}" for party in PARTIES}


def authorization(credentials: Mapping[str, str], namespace: str = "") -> str:
    """The block `authorization { … }`.

    Args:
        credentials: By party, how it shows who it is, as the configuration says it: `nkey: "U…"`, or
            `user: "…", password: "…"`.
        namespace: The installation's, as in `TT_NAMESPACE`.
    """
    users = [_user(credentials[OPERATOR], "")]
    users += [_user(credentials[service.name], _permissions(service, namespace)) for service in SERVICES]
    return "authorization {\n  users: [\n" + "".join(users) + "  ]\n}\n"


def _user(credentials: str, permissions: str) -> str:
    return f"    {{\n      {credentials}\n{permissions}    }}\n"


def _permissions(service: Service, namespace: str) -> str:
    grants = grants_of(service, namespace)
    responses = f"        allow_responses: {_RESPONSES}\n" if service.is_worker else ""
    return (
        "      permissions: {\n"
        f"        publish: {{allow: [\n{_lines(grants.publish)}        ]}}\n"
        f"        subscribe: {{allow: [\n{_lines(grants.subscribe)}        ]}}\n"
        f"{responses}"
        "      }\n"
    )


def _lines(subjects: Iterable[str]) -> str:
    return "".join(f"          {json.dumps(subject)}\n" for subject in sorted(subjects))
