"""Signs in to a cluster's API: as an administrator by the state store's keys, or by a kubeconfig.

An administrator's certificate is issued for an hour, is never stored, and is issued again before it ends.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from kops_core.engine.credentials.kubeconfig import (
    KubeconfigOptions,
    endpoint,
    find_api_server,
    wants_balancer,
)
from kops_core.engine.credentials.kubeconfig_export import issue_administrator, read_authority
from kops_core.engine.operations.options import ApiAccess
from kops_core.kube.connection import Connect, Connection, find_proxy

if TYPE_CHECKING:
    from kops_core.engine.cluster_services import ClusterLocation, ClusterServices
    from kops_core.kube.ports import KubernetesApi

ADMIN_LIFETIME: Final = timedelta(hours=1)


def open_api(
    services: ClusterServices, location: ClusterLocation, access: ApiAccess, *, deadline: float | None = None
) -> KubernetesApi:
    """The API of a cluster; connects when it is first called.

    deadline: seconds that a call may take; by default the client's own.
    """
    if services.kubernetes is not None:
        return services.kubernetes(location.name)
    from kops_core.kube.client import DEADLINE, KubernetesClient

    connect: Connect
    api_server = find_api_server(services.settings.environment, access.api_server)
    if access.use_kubeconfig or access.kubeconfig:
        from kops_core.engine.credentials.kubeconfig_sign_in import kubeconfig_connection

        def connect() -> Connection:
            return kubeconfig_connection(
                services.settings,
                location.name,
                kubeconfig=access.kubeconfig,
                api_server=api_server,
            )
    else:

        def connect() -> Connection:
            return _connect_as_administrator(services, location, api_server)

    return KubernetesClient(connect, now=services.now, deadline=deadline or DEADLINE)


def _connect_as_administrator(
    services: ClusterServices, location: ClusterLocation, api_server: str
) -> Connection:
    name, cluster = location.name, location.cluster
    options = KubeconfigOptions(admin=ADMIN_LIFETIME, api_server=api_server)
    keyset = read_authority(services.key_store(location.store, cluster, name), name)
    balancer = services.api_address(name, cluster) if wants_balancer(cluster, options) else ""
    where = endpoint(cluster, name, options, balancer=balancer, authorities=keyset.certificates)
    issued = issue_administrator(keyset, services.settings, ADMIN_LIFETIME, services.now())
    found = Connection(
        where.server,
        server_name=where.server_name,
        authorities=where.authorities,
        certificate=issued.certificate,
        private_key=issued.private_key,
        expires_at=issued.expires_at,
    )
    return replace(found, proxy=find_proxy(services.settings.environment, found.host))
