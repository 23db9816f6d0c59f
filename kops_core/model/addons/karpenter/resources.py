"""The definitions of Karpenter's resources.

Karpenter counts on the API server for the defaults of a few fields; those are named.
"""

from __future__ import annotations

from kops_core.model.addons.definitions import AGE, CLUSTER, OPEN, READY, definition, known, nested, version
from kops_core.model.addons.karpenter.permissions import AWS, CORE
from kops_core.model.addons.objects import Object
from kops_core.model.documents import Document

EXPIRY: Object = OPEN | {"type": "string", "default": "720h"}


def definitions() -> list[Object]:
    """The four definitions."""
    return [
        definition(
            AWS,
            "EC2NodeClass",
            version("v1", READY, AGE, "Role string .spec.role 1", spec=_node_class()),
            scope=CLUSTER,
            plural="ec2nodeclasses",
            short="ec2nc ec2ncs",
            categories="karpenter",
        ),
        definition(
            CORE,
            "NodeClaim",
            version(
                "v1",
                r"Type string .metadata.labels.node\.kubernetes\.io/instance-type",
                r"Capacity string .metadata.labels.karpenter\.sh/capacity-type",
                r"Zone string .metadata.labels.topology\.kubernetes\.io/zone",
                "Node string .status.nodeName",
                READY,
                AGE,
                "ImageID string .status.imageID 1",
                "ID string .status.providerID 1",
                r"NodePool string .metadata.labels.karpenter\.sh/nodepool 1",
                "NodeClass string .spec.nodeClassRef.name 1",
                'Drifted string .status.conditions[?(@.type=="Drifted")].status 1',
                required="spec",
                spec=nested({"expireAfter": EXPIRY}),
            ),
            scope=CLUSTER,
            categories="karpenter",
        ),
        definition(
            CORE,
            "NodeOverlay",
            version("v1alpha1", READY, AGE, "Weight integer .spec.weight 1", required="spec"),
            scope=CLUSTER,
            short="overlays",
            categories="karpenter",
        ),
        definition(
            CORE,
            "NodePool",
            version(
                "v1",
                "NodeClass string .spec.template.spec.nodeClassRef.name",
                "Nodes string .status.nodes",
                READY,
                AGE,
                "Weight integer .spec.weight 1",
                "CPU string .status.resources.cpu 1",
                "Memory string .status.resources.memory 1",
                scale={"specReplicasPath": ".spec.replicas", "statusReplicasPath": ".status.nodes"},
                required="spec",
                top={"spec": _node_pool(), "status": known("", defaults={"nodes": 0})},
            ),
            scope=CLUSTER,
            categories="karpenter",
        ),
    ]


def _node_class() -> Object:
    metadata: dict[str, Document] = {
        "httpEndpoint": "enabled",
        "httpProtocolIPv6": "disabled",
        "httpPutResponseHopLimit": 1,
        "httpTokens": "required",
    }
    ours = known(
        "amiFamily amiSelectorTerms:array associatePublicIPAddress:boolean blockDeviceMappings:array "
        "tags:object subnetSelectorTerms:array securityGroupSelectorTerms:array instanceProfile "
        "userData kubelet:object"
    )
    options = known("", defaults=metadata) | {"default": metadata}
    properties = ours["properties"]
    assert isinstance(properties, dict)  # noqa: S101 - as `known` makes it
    return ours | {"properties": properties | {"metadataOptions": options}}


def _node_pool() -> Object:
    disruption = known(
        "",
        defaults={
            "budgets": [{"nodes": "10%"}],
            "consolidationPolicy": "WhenEmptyOrUnderutilized",
        },
    )
    template = nested({"spec": nested({"expireAfter": EXPIRY}), "metadata": known("labels:object")})
    return nested(
        {
            "template": template,
            "replicas": {"type": "integer"},
            "limits": OPEN | {"type": "object"},
            "weight": {"type": "integer"},
            "disruption": disruption | {"default": {"consolidateAfter": "0s"}},
        }
    )
