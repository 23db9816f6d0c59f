"""Proposes an upgrade of Kubernetes as unsaved edits: a newer version, and the channel's images for it.

kOps proposes the same (``cmd/kops/upgrade_cluster.go``), but skips minor releases when it is told to, and
looks at no node. Kubernetes supports neither skipped minor releases of the control plane nor kubelets that
are more than three minor releases older than it (its version skew policy), so both are refused here.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from kops_core.api import semver
from kops_core.api.path import get, render
from kops_core.api.semver import Version
from kops_core.engine.operations.kubelet_versions import (
    KubeletVersions,
    applied_version,
    expect_step,
    may_ask,
    read_kubelets,
)
from kops_core.engine.operations.options import ApiAccess
from kops_core.engine.workspace.draft import CLUSTER
from kops_core.errors import FieldError, InvalidSpec, KopsError, Refused, UsageError
from kops_core.infer import channel
from kops_core.infer.common import is_build
from kops_core.infer.upgrade import UpgradeItem, image_items, next_kubernetes

if TYPE_CHECKING:
    from kops_core.engine.cluster_services import ClusterLocation, ClusterServices
    from kops_core.engine.workspace.review import SaveReview
    from kops_core.engine.workspace.workspace import Workspace

_IMPORTED: Final = ("metadata", "annotations", "kops.kubernetes.io/management")
_VERSION: Final = ("spec", "kubernetesVersion")
_CHANNEL: Final = ("spec", "channel")


@dataclass(frozen=True)
class UpgradeRequest:
    """The options of an upgrade."""

    kubernetes_version: str = ""
    """The version to go to; "" for the one that the channel recommends."""
    channel: str = ""
    """The channel to follow from now on; "" for the one of the spec."""
    access: ApiAccess = field(default_factory=ApiAccess)
    """How to ask the nodes for their versions."""


@dataclass(frozen=True)
class UpgradeProposal:
    """The edits of an upgrade, which are in the workspace and not saved yet."""

    items: tuple[UpgradeItem, ...]
    notes: tuple[str, ...]
    """What is left as it is, and what could not be found out, a sentence each."""
    review: SaveReview
    """All that saving would change, also the inferred values."""


def propose_upgrade(
    workspace: Workspace, services: ClusterServices, location: ClusterLocation, request: UpgradeRequest
) -> UpgradeProposal:
    """I/O. Makes the edits of an upgrade in a workspace; saves nothing.

    Raises Refused where the version can't be reached from the one that runs, UsageError for a version that
    is none, InvalidSpec where the new version does not take something of the spec; then there is no edit.
    """
    cluster = workspace.documents[CLUSTER]
    if get(cluster, _IMPORTED) == "imported":
        raise Refused("kOps does not upgrade clusters that were imported into it", where=workspace.name)
    workspace.read_facts()
    known = workspace.errors()
    found = _Upgrade(workspace, services, location, request)
    items, notes = found.items(), found.notes
    edits = workspace.edits
    try:
        for each in items:
            workspace.set_field(each.group or CLUSTER, render(each.path), each.after)
        recorded = services.recorded_facts() is not None
        if items and not recorded:
            workspace.look_up()  # the new images
        review = workspace.review()
        images = {f"InstanceGroup {each.group}" for each in items if each.field == "Image"}
        errors = [each for each in review.errors if each not in known]
        unknown = [each for each in errors if recorded and _is_image_of(each, images)]
        notes += [f"the recorded facts do not have the new image of {each.source}" for each in unknown]
        if refused := [each for each in errors if each not in unknown]:
            raise InvalidSpec(
                refused,
                where=workspace.name,
                remedy="change these fields first, then upgrade: the rest is as before",
            )
    except KopsError:
        while workspace.edits > edits:
            workspace.undo()
        raise
    return UpgradeProposal(tuple(items), tuple(notes), review)


def _is_image_of(error: FieldError, groups: set[str]) -> bool:
    return error.path == "spec.image" and error.source in groups


class _Upgrade:
    """The choice of one upgrade."""

    def __init__(
        self,
        workspace: Workspace,
        services: ClusterServices,
        location: ClusterLocation,
        request: UpgradeRequest,
    ) -> None:
        self.notes: list[str] = []
        self._workspace = workspace
        self._services = services
        self._location = location
        self._request = request
        self._spec = workspace.documents[CLUSTER]

    def items(self) -> list[UpgradeItem]:
        """I/O. The fields to set."""
        found: list[UpgradeItem] = []
        before, wanted = self._text(_CHANNEL), self._request.channel
        if wanted and wanted != before:
            found.append(UpgradeItem("", "Channel", _CHANNEL, before, wanted))
        text = self._text(_VERSION)
        current = semver.parse_kubernetes(text)
        if current is None:
            raise Refused(
                "the spec names no version of Kubernetes to start from",
                where=self._workspace.name,
                remedy="set spec.kubernetesVersion to the version that runs",
            )
        after = self._requested(current) if self._request.kubernetes_version else self._recommended(current)
        if semver.parse_kubernetes(after) != current or (is_build(after) and after != text):
            found.append(UpgradeItem("", "KubernetesVersion", _VERSION, text, after))
        images, notes = image_items(self._workspace.inference, semver.parse_kubernetes(after) or current)
        self.notes += notes
        return found + images

    def _requested(self, current: Version) -> str:
        text = self._request.kubernetes_version.strip().removeprefix("v")
        wanted = semver.parse_kubernetes(text)
        if wanted is None:
            raise UsageError("this is no version of Kubernetes", where=text, remedy="write one like 1.36.0")
        if wanted < current:
            raise Refused(
                f"the cluster is at {current}, and Kubernetes can't go back to {wanted}",
                where=self._workspace.name,
                remedy="restore etcd and the nodes from before the upgrade instead",
            )
        refused = self._why_not(current, wanted)
        if refused is not None:
            raise refused
        return text if is_build(text) else str(wanted)

    def _recommended(self, current: Version) -> str:
        reader = self._workspace.inference.reader()
        wanted = next_kubernetes(reader, current, self._services.settings.kops_version)
        if wanted is None:
            self.notes.append(f"the channel has no recommendation for Kubernetes {current}")
        if wanted is not None and wanted > current:
            refused = self._why_not(current, wanted)
            if refused is None:
                return str(wanted)
            self.notes.append(f"{refused.what}; {refused.remedy}")
            wanted = channel.recommended_patch(reader, current)
        return str(max(current, wanted or current))

    def _why_not(self, current: Version, wanted: Version) -> Refused | None:
        """I/O. Why a version can't be reached yet; None if it can."""
        if wanted.minor - current.minor > 1:
            via = channel.recommended_patch(
                self._workspace.inference.reader(), Version(current.major, current.minor + 1)
            )
            return self._refused(
                f"Kubernetes is upgraded one minor release at a time, and {wanted} is"
                f" {wanted.minor - current.minor} after {current}",
                f"upgrade to {via or f'{current.major}.{current.minor + 1}'} first, and roll the nodes",
            )
        if wanted.minor == current.minor:
            return None
        applied = applied_version(self._location)
        if applied is None:  # nothing runs yet
            return None
        if wanted.minor - applied.minor > 1:
            return self._refused(
                f"the cluster was last applied with {applied}, so {wanted} would skip a minor release",
                f"apply {current} and roll the nodes first",
            )
        try:
            expect_step(wanted, self._kubelets(), where=self._workspace.name)
        except Refused as refused:
            return refused
        return None

    def _kubelets(self) -> KubeletVersions:
        """The oldest kubelets; with a note if they can't be found out."""
        if not may_ask(self._services, self._request.access):
            self.notes.append("no account is looked at, so it is not known which versions the nodes run")
            return KubeletVersions(None, None)
        try:
            return read_kubelets(self._services, self._location, self._request.access)
        except KopsError as error:
            self.notes.append(f"it is not known which versions the nodes run: {error.what}")
            return KubeletVersions(None, None)

    def _refused(self, what: str, remedy: str) -> Refused:
        return Refused(what, where=self._workspace.name, remedy=remedy)

    def _text(self, path: tuple[str, ...]) -> str:
        found = get(self._spec, path)
        return found if isinstance(found, str) else ""
