"""The versions of Kubernetes that a cluster was applied with, and that its nodes run."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from kops_core.api import semver, yaml_reader
from kops_core.api.path import get
from kops_core.api.semver import Version
from kops_core.engine.operations.options import ApiAccess
from kops_core.errors import InvalidSpec, ObjectNotFound, Refused
from kops_core.store.layout import COMPLETED

if TYPE_CHECKING:
    from kops_core.engine.cluster_services import ClusterLocation, ClusterServices
    from kops_core.kube.ports import Node

KUBELET_SKEW: Final = 3
"""Minor releases that a kubelet may be older than the API server (Kubernetes' version skew policy)."""
DEADLINE: Final = 5.0
"""Seconds that the API may take: a plan goes on without it."""


@dataclass(frozen=True)
class KubeletVersions:
    """The oldest kubelets of a cluster; None where no node tells its version."""

    control_plane: Version | None
    workers: Version | None


def may_ask(services: ClusterServices, access: ApiAccess) -> bool:
    """Whether nodes may be asked: with recorded facts only where the operator says how to reach them."""
    return services.settings.cloud_facts is None or access != ApiAccess()


def read_kubelets(services: ClusterServices, location: ClusterLocation, access: ApiAccess) -> KubeletVersions:
    """I/O. The oldest kubelets, from the Kubernetes API. Raises KubernetesError, StoreError, CloudError."""
    # The client of Kubernetes takes 0.05 s to import, and plans seldom need it.
    from kops_core.engine.credentials.api_access import open_api

    api = open_api(services, location, access, deadline=DEADLINE)
    try:
        return oldest_kubelets(api.nodes())
    finally:
        api.close()


def oldest_kubelets(nodes: Iterable[Node]) -> KubeletVersions:
    """The oldest kubelets of some nodes."""
    from kops_core.operations.validation import CONTROL_PLANE_LABEL

    found: dict[bool, list[Version]] = {True: [], False: []}
    for node in nodes:
        version = semver.parse_tolerant(node.kubelet_version)
        if version is not None:
            found[CONTROL_PLANE_LABEL in node.labels].append(version)
    return KubeletVersions(min(found[True], default=None), min(found[False], default=None))


def expect_step(wanted: Version, oldest: KubeletVersions, *, where: str) -> None:
    """Raises Refused if nodes that run keep the control plane from going to a version."""
    if oldest.control_plane is not None and wanted.minor - oldest.control_plane.minor > 1:
        raise Refused(
            f"a control-plane node still runs {oldest.control_plane}, so {wanted} would skip a minor release",
            where=where,
            remedy="finish the rolling update first",
        )
    if oldest.workers is not None and wanted.minor - oldest.workers.minor > KUBELET_SKEW:
        raise Refused(
            f"a node still runs {oldest.workers}, and an API server of {wanted} does not work with"
            f" kubelets more than {KUBELET_SKEW} minor releases older",
            where=where,
            remedy="finish the rolling update first",
        )


def applied_version(location: ClusterLocation) -> Version | None:
    """I/O. The Kubernetes version of the last applied spec; None if there is none. Raises StoreError."""
    try:
        stored = location.store.backend.read(f"{location.name}/{COMPLETED}")
    except ObjectNotFound:
        return None
    return version_in(stored.data.decode(errors="replace"))


def version_in(completed: str) -> Version | None:
    """The Kubernetes version in the text of a completed spec; None if it has none."""
    try:
        document = next((each.value for each in yaml_reader.read(completed, COMPLETED)), None)
    except InvalidSpec:
        return None
    found = get(document, ("spec", "kubernetesVersion")) if isinstance(document, dict) else None
    return semver.parse_kubernetes(found) if isinstance(found, str) else None
