"""Reconciles a cluster: what each stage would do, and whether the versions that run allow it to begin."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from kops_core.api import semver
from kops_core.engine.credentials.api_access import open_api
from kops_core.engine.operations.kubelet_versions import applied_version, expect_step, read_kubelets
from kops_core.engine.operations.options import ApiAccess
from kops_core.errors import KopsError, KubernetesTimeout, KubernetesUnreachable, OperationFailed, Refused
from kops_core.model.template import Key
from kops_core.operations.events import Event, Warned
from kops_core.operations.reconcile import STAGES, Stage
from kops_core.plan.changes import Change, Plan

if TYPE_CHECKING:
    from kops_core.engine.cluster_services import ClusterLocation, ClusterServices
    from kops_core.engine.operations.instance_groups import GroupStatus
    from kops_core.infer.inference import Inference
    from kops_core.operations.clock import CancelToken

API_WITHIN: Final = 600.0
"""Seconds in which the API of a control plane that was just updated has to answer (kOps: 10 minutes)."""
_ASK_EVERY: Final = 10.0


@dataclass(frozen=True)
class StagePreview:
    """What a stage would do, as far as it is known before the stages before it are done."""

    stage: Stage
    changes: tuple[Change, ...] = ()
    groups: Mapping[str, int] | None = None
    """Instance groups to roll, by name, with the number of instances; None for a stage that applies."""


def preview(plan: Plan, nodes: Collection[Key], groups: Sequence[GroupStatus]) -> tuple[StagePreview, ...]:
    """The stages from the plan of everything and the instances that run.

    nodes: the resources that belong to other groups than those of the control plane.
    """
    rolled = {name for each in plan.pending for name in each.rolls}
    found = []
    for stage in STAGES:
        if stage.rolls:
            chosen = [
                each for each in groups if (each.role in STAGES[0].roles) == bool(stage.roles) and each.exists
            ]
            counts = {
                each.name: len(each.instances) if each.name in rolled else each.outdated for each in chosen
            }
            found.append(StagePreview(stage, groups={name: each for name, each in counts.items() if each}))
        elif stage.prune:
            found.append(StagePreview(stage, plan.deferred))
        else:
            of_nodes = not stage.roles
            changes = tuple(each for each in plan.pending if (each.key in nodes) is of_nodes)
            found.append(StagePreview(stage, changes))
    return tuple(found)


def check_versions(
    services: ClusterServices,
    location: ClusterLocation,
    inference: Inference,
    stage: Stage,
    *,
    access: ApiAccess,
    emit: Callable[[Event], None],
) -> None:
    """I/O. Raises Refused if the kubelets that run do not allow a stage to begin.

    Before the control plane is updated: it goes up by one minor release, and no kubelet is left more than
    three behind. Before nodes are updated: all of the control plane runs the new release.
    """
    wanted = semver.parse_kubernetes(str(inference.value("spec.kubernetesVersion")))
    if stage.rolls or stage.prune or wanted is None or applied_version(location) is None:
        return
    try:
        oldest = read_kubelets(services, location, access)
    except KopsError as error:
        if not stage.roles:
            raise
        what = f"it is not known which versions the nodes run, so their skew is not checked: {error.what}"
        emit(Warned(services.now(), "", what))
        return
    if stage.roles:
        expect_step(wanted, oldest, where=location.name)
    elif oldest.control_plane is not None and oldest.control_plane.release() < wanted.release():
        raise Refused(
            f"a control-plane node still runs Kubernetes {oldest.control_plane}, so no node may get {wanted}",
            where=location.name,
            remedy="roll the control plane to its end first: kops-tui rolling-update cluster --yes",
        )


def wait_for_api(
    services: ClusterServices,
    location: ClusterLocation,
    access: ApiAccess,
    cancel: CancelToken,
    emit: Callable[[Event], None],
) -> None:
    """I/O. Waits until the API answers, as that of a new cluster has to. Raises KubernetesError."""
    clock = services.clock
    until, told = clock.monotonic() + API_WITHIN, False
    api = open_api(services, location, access)
    try:
        while True:
            try:
                api.nodes()
                return
            except (KubernetesUnreachable, KubernetesTimeout) as error:
                if clock.monotonic() >= until:
                    raise
                if not told:
                    what = f"waiting up to {API_WITHIN / 60:.0f} min for the API: {error.what}"
                    emit(Warned(clock.now(), "", what))
                    told = True
            if not cancel.wait(clock, _ASK_EVERY):
                raise OperationFailed("stopped before the API answered", where=location.name)
    finally:
        api.close()
