"""cert-manager, which issues certificates for the user and for webhooks of add-ons."""

from __future__ import annotations

from kops_core.model.addons.cert_manager.parts import CONTROLLER, INJECTOR, WEBHOOK
from kops_core.model.addons.cert_manager.permissions import bindings, cluster_roles, roles
from kops_core.model.addons.cert_manager.workloads import deployments, services, webhooks
from kops_core.model.addons.context import AddonContext
from kops_core.model.addons.crd import read_table
from kops_core.model.addons.objects import Object
from kops_core.model.addons.rbac import service_account

DEFINITION_LABELS = CONTROLLER.labels | {"app.kubernetes.io/component": "crds"}


def objects(c: AddonContext) -> list[Object]:
    """The manifest's objects."""
    return [
        *(
            service_account(part.name, labels=part.labels, automountServiceAccountToken=True)
            for part in (INJECTOR, CONTROLLER, WEBHOOK)
        ),
        *read_table("cert_manager/cert_manager").definitions(DEFINITION_LABELS),
        *cluster_roles(),
        *bindings(),
        *roles(),
        *services(),
        *deployments(c),
        *webhooks(),
    ]
