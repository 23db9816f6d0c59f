"""The definitions of the controller's resources."""

from __future__ import annotations

from kops_core.model.addons.definitions import CLUSTER, definition, known, version
from kops_core.model.addons.load_balancer_controller.names import ACCELERATORS, BALANCERS, CONFIGURATIONS
from kops_core.model.addons.objects import Object

AGE_IN_CAPITALS = "AGE date .metadata.creationTimestamp"


def definitions() -> list[Object]:
    """The six definitions."""
    binding = (
        "SERVICE-NAME string .spec.serviceRef.name",
        "SERVICE-PORT string .spec.serviceRef.port",
        "TARGET-TYPE string .spec.targetType",
        "ARN string .spec.targetGroupARN 1",
        "NAME string .spec.targetGroupName 2",
        AGE_IN_CAPITALS,
    )
    return [
        definition(
            ACCELERATORS,
            "GlobalAccelerator",
            version(
                "v1beta1",
                "ACCELERATOR-NAME string .spec.name",
                "DNS-NAME string .status.dnsName",
                "TYPE string .spec.type",
                "STATUS string .status.status",
                "ARN string .status.acceleratorARN 1",
                AGE_IN_CAPITALS,
                spec=known("", defaults={"ipAddressType": "IPV4"}),
            ),
        ),
        definition(
            BALANCERS,
            "IngressClassParams",
            version(
                "v1beta1",
                "GROUP-NAME string .spec.group.name",
                "SCHEME string .spec.scheme",
                "IP-ADDRESS-TYPE string .spec.ipAddressType",
                AGE_IN_CAPITALS,
                status=False,
            ),
            scope=CLUSTER,
            plural="ingressclassparams",
            singular="ingressclassparam",
        ),
        definition(CONFIGURATIONS, "ListenerRuleConfiguration", version("v1beta1", AGE_IN_CAPITALS)),
        definition(CONFIGURATIONS, "LoadBalancerConfiguration", version("v1beta1", AGE_IN_CAPITALS)),
        definition(
            BALANCERS,
            "TargetGroupBinding",
            version("v1alpha1", *binding, storage=False),
            version("v1beta1", *binding),
        ),
        definition(
            CONFIGURATIONS,
            "TargetGroupConfiguration",
            version("v1beta1", "SERVICE-NAME string .spec.targetReference.name", AGE_IN_CAPITALS),
        ),
    ]
