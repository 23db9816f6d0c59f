"""The EBS CSI driver, which creates, attaches and mounts volumes."""

from __future__ import annotations

from kops_core.cloud.aws.addons.ebs_csi_driver.controller import controller
from kops_core.cloud.aws.addons.ebs_csi_driver.node import node
from kops_core.cloud.aws.addons.ebs_csi_driver.parts import (
    APP,
    AT,
    CONTROLLER,
    CONTROLLER_ACCOUNT,
    DRIVER,
    METRICS,
    NODE_ACCOUNT,
)
from kops_core.cloud.aws.addons.ebs_csi_driver.permissions import permissions
from kops_core.model.addons.context import AddonContext
from kops_core.model.addons.objects import Object, disruption_budget, fields, service, service_port, thing
from kops_core.model.addons.rbac import service_account


def objects(c: AddonContext) -> list[Object]:
    """The manifest's objects."""
    labels = _labels(c)
    return [
        disruption_budget(CONTROLLER, APP | {"app": CONTROLLER}, labels=labels),
        service_account(CONTROLLER_ACCOUNT, labels=labels, automountServiceAccountToken=True),
        service_account(NODE_ACCOUNT, labels=labels, automountServiceAccountToken=True),
        *permissions(labels),
        *(_metrics_service(suffix, number) for suffix, number in METRICS.items()),
        node(c, labels),
        controller(c, labels),
        thing(
            "storage.k8s.io/v1",
            "CSIDriver",
            DRIVER,
            None,
            labels=labels,
            spec=fields(
                attachRequired=True,
                podInfoOnMount=False,
                nodeAllocatableUpdatePeriodSeconds=10 if c.at_least(35) else None,
                seLinuxMount=True if c.feature("SELinuxMount") else None,
            ),
        ),
    ]


def _labels(c: AddonContext) -> dict[str, str]:
    return APP | {
        "app.kubernetes.io/version": c.text(f"{AT}.version"),
        "app.kubernetes.io/component": "csi-driver",
    }


def _metrics_service(suffix: str, number: int) -> Object:
    return service(
        f"{CONTROLLER}{suffix}",
        {"app": CONTROLLER},
        service_port(number, "metrics", number),
        labels={"app": f"{CONTROLLER}{suffix}"},
        annotations={"prometheus.io/port": str(number), "prometheus.io/scrape": "true"},
        type="ClusterIP",
    )
