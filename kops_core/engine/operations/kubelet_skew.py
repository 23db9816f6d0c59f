"""Keeps new nodes from running a newer kubelet than the control plane during an upgrade of Kubernetes.

A kubelet may not be newer than the API server (Kubernetes' version skew policy). So, as in kOps
(``cmd/kops/update_cluster.go``, ``pkg/nodemodel/nodeupconfigbuilder.go``), the configuration of worker groups
keeps the oldest version that a control-plane node runs, until all of them run the new one; the update after
their roll brings the workers to it.

kOps asks the Kubernetes API for each plan, and assumes that there is no upgrade if it does not answer. Here
it is asked only where an upgrade may be under way: where the last applied spec, or the stored configuration
of a worker group, has another version than the spec. That it did not answer is a warning of the plan.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from kops_core.api import semver
from kops_core.api.semver import Version
from kops_core.engine.operations.kubelet_versions import may_ask, read_kubelets, version_in
from kops_core.engine.operations.options import ApiAccess
from kops_core.errors import KopsError
from kops_core.infer.common import NODE_KUBERNETES
from kops_core.infer.complete import infer
from kops_core.infer.inference import Inference
from kops_core.model.context import ROLES, Role
from kops_core.model.store_resources import ManagedFile
from kops_core.model.template import Key
from kops_core.plan.snapshot import Snapshot
from kops_core.store.layout import COMPLETED

if TYPE_CHECKING:
    from kops_core.engine.cluster_services import ClusterLocation, ClusterServices

_STORED_VERSION: Final = re.compile(r"^KubernetesVersion: *(.+?) *$", re.MULTILINE)


@dataclass(frozen=True)
class KubeletSkew:
    """Whether worker groups have to wait for the control plane."""

    hold_at: Version | None = None
    """The version that they keep; None if they need not wait."""
    warning: str = ""
    """What the operator has to know, as a sentence."""


def find_skew(
    services: ClusterServices,
    location: ClusterLocation,
    inference: Inference,
    snapshot: Snapshot,
    access: ApiAccess,
) -> KubeletSkew:
    """I/O if an upgrade may be under way. Whether worker groups have to wait."""
    wanted = semver.parse_kubernetes(str(inference.value("spec.kubernetesVersion")))
    if wanted is None or not _may_be_upgrading(inference, snapshot, wanted):
        return KubeletSkew()
    if not may_ask(services, access):
        return KubeletSkew(warning=_unknown(wanted, "no account is looked at"))
    try:
        oldest = read_kubelets(services, location, access).control_plane
    except KopsError as error:
        return KubeletSkew(warning=_unknown(wanted, error.what))
    # Pre-releases of a build have the version of the build in other forms.
    if oldest is None or oldest.release() >= wanted.release() > oldest or oldest >= wanted:
        return KubeletSkew()
    return KubeletSkew(
        oldest,
        f"a control-plane node still runs Kubernetes {oldest}, so other nodes keep that version: "
        f"roll the control plane, then update again to bring them to {wanted}"
        " (--ignore-kubelet-version-skew does not wait)",
    )


def holding(inference: Inference, version: Version) -> Inference:
    """The inference of the same specs with worker groups that keep a version of Kubernetes."""
    inputs = inference.inputs
    return infer(replace(inputs, settings={**inputs.settings, NODE_KUBERNETES: str(version)}))


def _unknown(wanted: Version, why: str) -> str:
    return (
        f"it is not known which version the control plane runs ({why}), so all nodes get Kubernetes {wanted}"
        " at once: until the control plane is rolled, no new node of another group should start"
    )


def _may_be_upgrading(inference: Inference, snapshot: Snapshot, wanted: Version) -> bool:
    """Whether the last applied spec, or a worker group's configuration, has another version."""
    applied = version_in(_contents(snapshot, COMPLETED))
    if applied is None:  # it was never applied, so nothing runs
        return False
    return applied != wanted or any(
        stored is not None and semver.parse_kubernetes(stored[1]) != wanted
        for name, group in inference.inputs.instance_groups.items()
        if _role(group) not in (Role.CONTROL_PLANE, Role.API_SERVER)
        for stored in [_STORED_VERSION.search(_contents(snapshot, f"nodeupconfig-{name}"))]
    )


def _role(group: object) -> Role | None:
    spec = group.get("spec") if isinstance(group, dict) else None
    return ROLES.get(str(spec.get("role"))) if isinstance(spec, dict) else None


def _contents(snapshot: Snapshot, name: str) -> str:
    """The text of a file in the store; "" if it is not there."""
    observed = snapshot.resources.get(Key("ManagedFile", name))
    contents = observed.resource.contents if observed and isinstance(observed.resource, ManagedFile) else ""
    return contents if isinstance(contents, str) else ""
