"""All checks of rendered manifests, by name: each tells what it finds wrong, and nothing when all is well."""

from collections.abc import Callable, Iterator
from decimal import Decimal
from functools import partial

from deploy.topology import SERVICES
from tests.deploy.kubernetes.checks import (
    addresses,
    environment,
    network,
    pods,
    references,
    selection,
    shapes,
)
from tests.deploy.kubernetes.checks.objects import Manifests

NAMES = [service.name for service in SERVICES]
WORKERS = [service.name for service in SERVICES if service.is_worker]
_GATEWAYS_GRACE = 20
"""As `services.gateway.__main__` has it."""


def _time_to_end(manifests: Manifests) -> Iterator[str]:
    drains = {name: pods.drain_of_workers() for name in NAMES} | {"gateway": Decimal(_GATEWAYS_GRACE)}
    return pods.pods_have_time_to_end(manifests, drains)


CHECKS: dict[str, Callable[[Manifests], Iterator[str]]] = {
    "selectors": selection.workloads_select_their_own_pods,
    "services": selection.services_lead_to_one_workload_and_its_ports,
    "budgets": selection.disruption_budgets_select_pods_and_let_one_go,
    "completeness": partial(selection.services_of_ours_have_all_that_belongs_to_them, services=NAMES),
    "scalers": selection.scalers_scale_what_is_there_and_nobody_else_does,
    "monitors": selection.monitors_find_the_pods_and_their_port,
    "for all": partial(selection.what_is_done_for_one_service_is_done_for_all, services=NAMES),
    "spread": selection.replicas_keep_away_from_each_other,
    "references": references.config_maps_and_secrets_are_there,
    "secrets of others": references.secrets_of_other_objects_are_there,
    "no secrets": references.no_secret_is_in_the_manifests,
    "volumes": references.volumes_are_mounted_and_there,
    "accounts": references.accounts_priorities_and_services_are_there,
    "backups": references.backups_are_of_the_cluster_and_go_where_one_is_described,
    "fields": shapes.fields_are_known_to_the_operators,
    "restricted": pods.pods_are_restricted,
    "resources": pods.resources_are_said_and_can_be_read,
    "quantities": pods.quantities_can_be_read,
    "probes": pods.long_running_pods_are_probed_at_open_ports,
    "grace": _time_to_end,
    "roll-outs": partial(pods.roll_outs_take_nobody_away, services=NAMES),
    "pinned": pods.images_are_pinned,
    "versions": pods.images_of_one_name_are_of_one_version,
    "settings": partial(environment.services_start_with_what_they_are_told, services=NAMES),
    "ports": partial(environment.ports_are_those_of_the_code, services=NAMES),
    "addresses": addresses.addresses_lead_somewhere,
    "health": partial(addresses.health_of_every_worker_is_asked_for, workers=WORKERS),
    "connections": partial(environment.database_connections_are_enough, services=NAMES),
    "refusing": network.everything_else_is_refused,
    "table": network.policies_say_what_the_table_says,
    "peers": network.peers_and_ports_are_there,
    "names": network.names_can_be_looked_up,
    "internet": network.only_callers_of_models_and_telegram_reach_the_internet,
}
