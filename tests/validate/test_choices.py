"""Fields that take one of a few values: each of them is accepted, and no other.

The values are those of kOps' validation (pkg/apis/kops/validation).
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain

import pytest

from kops_core.api.values import Tree
from kops_core.validate.aws import check_aws
from kops_core.validate.cluster import validate_cluster
from kops_core.validate.field import document
from kops_core.validate.instance_group import validate_with_cluster
from tests.validate.samples import cluster, group, places

_CALICO: Tree = {"spec.networking": {"calico": {}}}
_IPIP: Tree = {"spec.networking": {"calico": {"encapsulationMode": "ipip"}}}
_VXLAN: Tree = {"spec.networking": {"calico": {"encapsulationMode": "vxlan"}}}
_ENCRYPTED: Tree = {"spec.networking.cilium": {"enableEncryption": True}}
_INGRESS: Tree = {"spec.networking.cilium": {"ingress": {"enabled": True}}}
_IPV6: Tree = {"spec.nonMasqueradeCIDR": "::/0"}
_CILIUM = "spec.networking.cilium"

OF_CLUSTERS: list[tuple[Tree, str, Sequence[str]]] = [
    ({}, "spec.updatePolicy", ("automatic", "external")),
    ({}, "spec.containerRuntime", ("containerd",)),
    ({}, "spec.cloudConfig.nlbSecurityGroupMode", ("Managed",)),
    ({}, "spec.topology.dns.type", ("Public", "Private", "None")),
    (_IPV6, "spec.subnets[0].type", ("Public", "Private", "DualStack", "Utility")),
    ({}, "spec.etcdClusters[1].name", ("events", "leases", "cilium")),
    ({}, "spec.etcdClusters[0].provider", ("Manager",)),
    ({}, "spec.kubeAPIServer.logFormat", ("text", "json")),
    ({}, "spec.kubelet.logFormat", ("text", "json")),
    ({}, "spec.kubelet.memorySwapBehavior", ("LimitedSwap", "UnlimitedSwap")),
    (
        {},
        "spec.masterKubelet.topologyManagerPolicy",
        ("none", "best-effort", "restricted", "single-numa-node"),
    ),
    ({}, "spec.clusterAutoscaler.expander", ("least-waste", "random", "most-pods", "priority")),
    ({}, "spec.externalDns.provider", ("dns-controller", "external-dns", "none")),
    ({"spec.networking": {"flannel": {}}}, "spec.networking.flannel.backend", ("udp", "vxlan")),
    (_CALICO, "spec.networking.calico.awsSrcDstCheck", ("Enable", "Disable", "DoNothing")),
    (_CALICO, "spec.networking.calico.bpfExternalServiceMode", ("Tunnel", "DSR")),
    (_CALICO, "spec.networking.calico.bpfLogLevel", ("Off", "Info", "Debug")),
    (_CALICO, "spec.networking.calico.chainInsertMode", ("insert", "append")),
    (_CALICO, "spec.networking.calico.encapsulationMode", ("ipip", "vxlan")),
    ({**_CALICO, **_IPV6}, "spec.networking.calico.encapsulationMode", ("none",)),
    (_IPIP, "spec.networking.calico.ipipMode", ("Always", "CrossSubnet", "Never")),
    (_VXLAN, "spec.networking.calico.vxlanMode", ("Always", "CrossSubnet", "Never")),
    (_CALICO, "spec.networking.calico.iptablesBackend", ("Auto", "Legacy", "NFT")),
    ({}, f"{_CILIUM}.enablePolicy", ("default", "always", "never")),
    ({}, f"{_CILIUM}.tunnel", ("vxlan", "geneve", "disabled")),
    ({}, f"{_CILIUM}.monitorAggregation", ("low", "medium", "maximum")),
    ({}, f"{_CILIUM}.identityAllocationMode", ("crd",)),
    ({}, f"{_CILIUM}.bpfLBAlgorithm", ("random", "maglev")),
    ({}, f"{_CILIUM}.ipam", ("hostscope", "kubernetes", "crd", "eni")),
    (_ENCRYPTED, f"{_CILIUM}.encryptionType", ("ipsec", "wireguard")),
    (_INGRESS, f"{_CILIUM}.ingress.defaultLoadBalancerMode", ("shared", "dedicated")),
]

_USER_DATA: Tree = {"spec.additionalUserData": [{"name": "x", "content": "y"}]}
_MOUNT: Tree = {"spec.volumeMounts": [{"device": "/dev/xvdd", "path": "/x"}]}
_MIXED: Tree = {"spec.mixedInstancesPolicy": {}}

OF_GROUPS: list[tuple[Tree, str, Sequence[str]]] = [
    ({}, "spec.role", ("Node", "Bastion", "APIServer")),
    ({}, "spec.updatePolicy", ("automatic", "external")),
    ({}, "spec.tenancy", ("default", "dedicated", "host")),
    ({}, "spec.rootVolumeType", ("standard", "gp3", "gp2", "io1", "io2")),
    (_MOUNT, "spec.volumeMounts[0].filesystem", ("btfs", "ext4", "xfs")),
    (
        _USER_DATA,
        "spec.additionalUserData[0].type",
        (
            *("text/x-include-once-url", "text/x-include-url", "text/cloud-config-archive"),
            *("text/upstart-job", "text/cloud-config", "text/part-handler", "text/x-shellscript"),
            "text/cloud-boothook",
        ),
    ),
    ({}, "spec.cpuCredits", ("standard", "unlimited")),
    ({}, "spec.instanceInterruptionBehavior", ("hibernate", "stop", "terminate")),
    ({}, "spec.instanceMetadata.httpTokens", ("optional", "required")),
    ({}, "spec.spotDurationInMinutes", ("60", "120", "180", "240", "300", "360")),
    (
        _MIXED,
        "spec.mixedInstancesPolicy.spotAllocationStrategy",
        (
            *("lowest-price", "diversified", "capacity-optimized", "capacity-optimized-prioritized"),
            "price-capacity-optimized",
        ),
    ),
]


def _each(rows: Sequence[tuple[Tree, str, Sequence[str]]]) -> list[tuple[Tree, str, bool]]:
    """Changes that set a field to each value in turn, and to words like it that are none."""
    return [
        ({**base, field: word}, field, word in values)
        for base, field, values in rows
        for word in (*values, *(f"x{value}" for value in values))
    ]


@pytest.mark.parametrize(("changes", "field", "accepted"), _each(OF_CLUSTERS), ids=str)
def test_choices_of_a_cluster(changes: Tree, field: str, accepted: bool) -> None:
    found = places(validate_cluster(cluster(changes)))
    assert not found if accepted else (field, "Unsupported value") in found


@pytest.mark.parametrize(("changes", "field", "accepted"), _each(OF_GROUPS), ids=str)
def test_choices_of_an_instance_group(changes: Tree, field: str, accepted: bool) -> None:
    changed = group(changes)
    alone = validate_with_cluster(changed, cluster(), features=["APIServerNodes"])
    found = places(chain(alone, check_aws(document(changed), {})))
    assert not found if accepted else (field, "Unsupported value") in found
