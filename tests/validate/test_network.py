"""What is refused of a Cluster's network: each row changes a sound one, and names every error of kOps.

The expectations are facts of kOps' own validation (pkg/apis/kops/validation), with
v1alpha2's paths.
"""

from __future__ import annotations

import pytest

from kops_core.api.values import Tree
from kops_core.validate.cluster import validate_cluster
from tests.validate.samples import cluster, expected, places

IPV6: Tree = {"spec.nonMasqueradeCIDR": "::/0"}
PUBLIC: Tree = {"spec.subnets[0].type": "Public"}

_ADDRESSES: list[tuple[Tree, str]] = [
    (
        {
            "spec.api.loadBalancer.type": "Internal",
            "spec.api.loadBalancer.subnets": [{"name": "a", "privateIPv4Address": written}],
        },
        ";".join(f"spec.api.loadBalancer.subnets[0].privateIPv4Address: {kind}" for kind in kinds),
    )
    for written, kinds in (
        ("10.0.0.10", ()),
        ("10.0.15.254", ()),
        ("10.0.16.1", ("Invalid value",)),
        ("2001:db8::1", ("Invalid value",)),
        ("ten", ("Invalid value",)),
        ("", ("Required value", "Invalid value")),
    )
]

ROWS: list[tuple[Tree, str]] = [
    # ranges
    ({"spec.networkCIDR": None}, "spec.networkCIDR: Required value"),
    ({"spec.networkCIDR": "ten"}, "spec.networkCIDR: Invalid value"),
    ({"spec.additionalNetworkCIDRs": ["10.1.0.1/16"]}, "spec.additionalNetworkCIDRs[0]: Invalid value"),
    ({"spec.nonMasqueradeCIDR": None}, "spec.nonMasqueradeCIDR: Required value"),
    ({"spec.nonMasqueradeCIDR": "10.0.0.0/8"}, "spec.nonMasqueradeCIDR: Forbidden"),
    ({"spec.nonMasqueradeCIDR": "10.0.0.0/8", "spec.networking": {"amazonvpc": {}}}, ""),
    ({"spec.nonMasqueradeCIDR": "2001:db8::/32"}, "spec.nonMasqueradeCIDR: Forbidden"),
    (IPV6, ""),
    ({"spec.podCIDR": "10.0.0.0/24"}, "spec.podCIDR: Forbidden; spec.subnets[0].cidr: Forbidden"),
    ({"spec.podCIDR": "100.64.0.0/10", "spec.serviceClusterIPRange": "100.64.0.0/13"}, ""),
    ({"spec.serviceClusterIPRange": "100.64.0.0"}, "spec.serviceClusterIPRange: Invalid value"),
    ({**IPV6, "spec.podCIDR": "fd00:10:96::/112"}, ""),
    ({**IPV6, "spec.podCIDR": "100.96.0.0/11"}, "spec.podCIDR: Forbidden"),
    ({"spec.podCIDR": "fd00:10:96::/112"}, "spec.podCIDR: Forbidden"),
    # subnets
    ({"spec.subnets": None}, "spec.subnets: Required value"),
    ({"spec.subnets[0].name": None}, "spec.subnets[0].name: Required value"),
    ({"spec.subnets[1].name": "a"}, "spec.subnets[1].name: Duplicate value"),
    ({"spec.subnets[1].id": "subnet-1"}, "spec.subnets[1].id: Forbidden"),
    ({"spec.subnets[0].cidr": "10.0.0.1/20"}, "spec.subnets[0].cidr: Invalid value"),
    ({"spec.subnets[0].cidr": "10.1.0.0/20"}, "spec.subnets[0].cidr: Forbidden"),
    ({"spec.subnets[0].cidr": "10.1.0.0/20", "spec.additionalNetworkCIDRs": ["10.1.0.0/16"]}, ""),
    ({"spec.subnets[0].type": "Secret"}, "spec.subnets[0].type: Unsupported value"),
    ({"spec.subnets[0].type": "DualStack"}, "spec.subnets[0].type: Forbidden"),
    ({**IPV6, "spec.subnets[0].type": "DualStack"}, ""),
    ({"spec.subnets[0].ipv6CIDR": "/64#a"}, ""),
    ({"spec.subnets[0].ipv6CIDR": "2001:db8::/64"}, ""),
    ({"spec.subnets[0].ipv6CIDR": "/200#1"}, "spec.subnets[0].ipv6CIDR: Invalid value"),
    ({"spec.subnets[0].ipv6CIDR": "/64"}, "spec.subnets[0].ipv6CIDR: Invalid value"),
    ({"spec.subnets[0].ipv6CIDR": "10.0.0.0/8"}, "spec.subnets[0].ipv6CIDR: Invalid value"),
    (
        {"spec.subnets[0].ipv6CIDR": "100.64.0.0/16", "spec.serviceClusterIPRange": "100.64.0.0/13"},
        "spec.subnets[0].ipv6CIDR: Invalid value; spec.subnets[0].ipv6CIDR: Forbidden",
    ),
    ({"spec.subnets[0].egress": "nat-1"}, ""),
    ({"spec.subnets[0].egress": "vpn-1"}, "spec.subnets[0].egress: Invalid value"),
    ({"spec.subnets[1].egress": "nat-1"}, "spec.subnets[1].egress: Forbidden"),
    ({"spec.subnets[1].egress": "External"}, ""),
    ({"spec.subnets[0].additionalRoutes": [{"cidr": "192.168.0.0/16", "target": "pcx-1"}]}, ""),
    (
        {"spec.subnets[1].additionalRoutes": [{"cidr": "192.168.0.0/16", "target": "pcx-1"}]},
        "spec.subnets[1].additionalRoutes: Forbidden",
    ),
    (
        {
            "spec.subnets[0].additionalRoutes": [
                {"cidr": "10.0.1.0/24", "target": "pcx-1"},
                {"cidr": "192.168.0.0/16", "target": "vpn-1"},
                {"cidr": "192.168.0.0/16", "target": "tgw-1"},
                {"cidr": "x", "target": "i-1"},
            ]
        },
        "spec.subnets[0].additionalRoutes[0].target: Forbidden;"
        "spec.subnets[0].additionalRoutes[1].target: Invalid value;"
        "spec.subnets[0].additionalRoutes[2].cidr: Duplicate value;"
        "spec.subnets[0].additionalRoutes[3].cidr: Invalid value",
    ),
    (
        {"spec.topology.dns.type": "Gossip"},
        "spec.topology.dns.type: Unsupported value; spec.topology.dns.type: Forbidden",
    ),
    (
        {
            "spec.subnets[0].id": "subnet-1",
            "spec.subnets[1].id": "subnet-2",
            "spec.subnets[0].additionalRoutes": [{"cidr": "192.168.0.0/16", "target": "pcx-1"}],
        },
        "spec.subnets[0].additionalRoutes: Forbidden",
    ),
    ({"spec.subnets[0].cidr": "10.0.0.0"}, "spec.subnets[0].cidr: Invalid value"),
    # pod networks
    ({"spec.networking": {}}, ""),
    ({"spec.networking": {"classic": {}}}, "spec.networking: Invalid value"),
    ({"spec.networking": {"external": {}}}, "spec.networking.external: Forbidden"),
    ({"spec.networking": {"weave": {}}}, "spec.networking.weave: Forbidden"),
    ({"spec.networking": {"canal": {}}}, "spec.networking.canal: Forbidden"),
    ({**IPV6, "spec.networking": {"flannel": {"backend": "vxlan"}}}, "spec.networking.flannel: Forbidden"),
    ({**IPV6, "spec.networking": {"amazonvpc": {}}}, "spec.networking.amazonvpc: Forbidden"),
    ({"spec.networking": {"flannel": {}}}, ""),
    (
        {"spec.networking": {"flannel": {"backend": "nope"}}},
        "spec.networking.flannel.backend: Unsupported value",
    ),
    ({"spec.networking": {"kuberouter": {}}, "spec.kubeProxy": {}}, "spec.kubeProxy.enabled: Forbidden"),
    ({"spec.networking": {"kuberouter": {}}, "spec.kubeProxy": {"enabled": False}}, ""),
    (
        {
            "spec.networking": {
                "kindnet": {"masquerade": {"enabled": True, "nonMasqueradeCIDRs": ["10.0.0.0/8"]}}
            }
        },
        "",
    ),
    (
        {"spec.networking": {"kindnet": {"masquerade": {"enabled": True, "nonMasqueradeCIDRs": ["a.b/24"]}}}},
        "spec.networking.kindnet: Invalid value",
    ),
    (
        {"spec.networking": {"calico": {}, "cilium": {}}},
        "spec.networking.calico: Forbidden; spec.networking.cilium: Forbidden",
    ),
    ({"spec.networking.cilium": {"version": "1.18.0"}}, "spec.networking.cilium.version: Invalid value"),
    ({"spec.networking.cilium": {"version": "v1.17.0"}}, "spec.networking.cilium.version: Invalid value"),
    (
        {"spec.networking.cilium": {"version": "v1.18.0", "hubble": {"enabled": True}}},
        "spec.networking.cilium.hubble.enabled: Forbidden",
    ),
    (
        {"spec.networking.cilium": {"enableNodePort": True}, "spec.kubeProxy": {}},
        "spec.kubeProxy.enabled: Forbidden",
    ),
    ({"spec.networking.cilium": {"ipam": "foo"}}, "spec.networking.cilium.ipam: Unsupported value"),
    ({**IPV6, "spec.networking.cilium": {"ipam": "eni"}}, "spec.networking.cilium.ipam: Forbidden"),
    (
        {"spec.networking.cilium": {"identityAllocationMode": "kvstore"}},
        "spec.networking.cilium.identityAllocationMode: Forbidden",
    ),
    ({"spec.networking.cilium": {"etcdManaged": True}}, "spec.etcdClusters: Required value"),
    (
        {"spec.networking.cilium": {"bpfLBSockHostNSOnly": True}},
        "spec.networking.cilium.bpfLBSockHostNSOnly: Forbidden",
    ),
    (
        {"spec.networking.cilium": {"encryptionType": "ipsec"}},
        "spec.networking.cilium.encryptionType: Forbidden",
    ),
    (
        {"spec.networking.cilium": {"enableEncryption": True, "encryptionType": "rot13"}},
        "spec.networking.cilium.encryptionType: Unsupported value",
    ),
    (
        {"spec.networking.cilium": {"enableL7Proxy": True, "IPTablesRulesNoinstall": True}},
        "spec.networking.cilium.enableL7Proxy: Forbidden",
    ),
    (
        {"spec.networking.cilium": {"ingress": {"enabled": True, "defaultLoadBalancerMode": "both"}}},
        "spec.networking.cilium.ingress.defaultLoadBalancerMode: Unsupported value",
    ),
    (
        {"spec.networking": {"calico": {"awsSrcDstCheck": "off"}}},
        "spec.networking.calico.awsSrcDstCheck: Unsupported value",
    ),
    (
        {**IPV6, "spec.networking": {"calico": {"awsSrcDstCheck": "Enable", "encapsulationMode": "vxlan"}}},
        "spec.networking.calico.awsSrcDstCheck: Forbidden;"
        "spec.networking.calico.encapsulationMode: Forbidden",
    ),
    (
        {"spec.networking": {"calico": {"encapsulationMode": "none"}}},
        "spec.networking.calico.encapsulationMode: Forbidden",
    ),
    (
        {"spec.networking": {"calico": {"encapsulationMode": "vxlan", "ipipMode": "Always"}}},
        "spec.networking.calico.ipipMode: Forbidden",
    ),
    (
        {"spec.networking": {"calico": {"typhaReplicas": -1}}},
        "spec.networking.calico.typhaReplicas: Invalid value",
    ),
    (
        {"spec.networking": {"calico": {"bpfEnabled": True}}, "spec.kubeProxy": {}},
        "spec.kubeProxy.enabled: Forbidden",
    ),
    ({"spec.networking": {"calico": {"ipv4AutoDetectionMethod": "interface=en.*,eth0"}}}, ""),
    ({"spec.networking.cilium": {"version": "v1.18.0"}}, ""),
    ({"spec.networking.cilium": {"version": "vnew"}}, "spec.networking.cilium.version: Invalid value"),
    ({"spec.networking.cilium": {"enableEncryption": True, "encryptionType": "wireguard"}}, ""),
    (
        {**IPV6, "spec.networking.cilium": {"enableEncryption": True}},
        "spec.networking.cilium.enableEncryption: Forbidden",
    ),
    ({"spec.networking": {"calico": {"wireguardEnabled": True}}}, ""),
    (
        {**IPV6, "spec.networking": {"calico": {"wireguardEnabled": True}}},
        "spec.networking.calico.wireguardEnabled: Forbidden",
    ),
    ({**IPV6, "spec.networking": {"calico": {"wireguardEnabled": False}}}, ""),
    # the API's load balancer
    ({"spec.api": {"dns": {}}}, ""),
    (
        {"spec.api.loadBalancer.sslCertificate": "arn:x", "spec.api.loadBalancer.sslPolicy": "x"},
        "",
    ),
    (
        {"spec.api.loadBalancer.sslCertificate": "arn:x", "spec.api.loadBalancer.class": None},
        "spec.api.loadBalancer.sslCertificate: Forbidden",
    ),
    (
        {
            "spec.api.loadBalancer.sslCertificate": "arn:x",
            "spec.api.loadBalancer.sslPolicy": "x",
            "spec.api.loadBalancer.class": None,
        },
        "spec.api.loadBalancer.sslCertificate: Forbidden; spec.api.loadBalancer.sslPolicy: Forbidden",
    ),
    ({"spec.api.loadBalancer.subnets": [{}]}, "spec.api.loadBalancer.subnets[0].name: Required value"),
    ({"spec.api.loadBalancer.subnets": [{"name": "a", "allocationId": "eipalloc-1"}]}, ""),
    (
        {"spec.api.loadBalancer.subnets": [{"name": "a", "allocationId": ""}]},
        "spec.api.loadBalancer.subnets[0].allocationId: Required value",
    ),
    (
        {
            "spec.api.loadBalancer.class": None,
            "spec.api.loadBalancer.subnets": [{"name": "a", "allocationId": "eipalloc-1"}],
        },
        "spec.api.loadBalancer.subnets[0].allocationId: Forbidden",
    ),
    *_ADDRESSES,
    ({"spec.api.loadBalancer.class": "Classic"}, "spec.api.loadBalancer.class: Forbidden"),
    ({"spec.api.loadBalancer.class": "Foo"}, "spec.api.loadBalancer.class: Unsupported value"),
    ({"spec.api.loadBalancer.class": None}, ""),
    (
        {"spec.api.loadBalancer.class": None, "spec.topology.dns.type": "None"},
        "spec.api.loadBalancer.type: Forbidden",
    ),
    ({"spec.api.loadBalancer.type": "Internal"}, ""),
    ({**PUBLIC, "spec.api.loadBalancer.type": "Internal"}, "spec.api.loadBalancer.type: Forbidden"),
    (
        {"spec.api.loadBalancer.type": "Internal", "spec.api.loadBalancer.useForInternalApi": True},
        "spec.api.loadBalancer.useForInternalApi: Forbidden",
    ),
    (
        {"spec.api.loadBalancer.securityGroupOverride": "x"},
        "spec.api.loadBalancer.securityGroupOverride: Invalid value",
    ),
    (
        {"spec.api.loadBalancer.additionalSecurityGroups": ["sg-1", "sg-1", ""]},
        "spec.api.loadBalancer.additionalSecurityGroups[1]: Duplicate value;"
        "spec.api.loadBalancer.additionalSecurityGroups[2]: Invalid value",
    ),
    ({"spec.api.loadBalancer.sslPolicy": "x"}, "spec.api.loadBalancer.sslPolicy: Forbidden"),
    ({"spec.api.loadBalancer.subnets": [{"name": "z"}]}, "spec.api.loadBalancer.subnets[0].name: Not found"),
    (
        {"spec.api.loadBalancer.subnets": [{"name": "a", "privateIPv4Address": "10.9.0.1"}]},
        "spec.api.loadBalancer.subnets[0].privateIPv4Address: Invalid value;"
        "spec.api.loadBalancer.subnets[0].privateIPv4Address: Forbidden",
    ),
    (
        {
            "spec.api.loadBalancer.type": "Internal",
            "spec.api.loadBalancer.subnets": [{"name": "a", "allocationId": "eipalloc-1"}],
        },
        "spec.api.loadBalancer.subnets[0].allocationId: Forbidden",
    ),
]


@pytest.mark.parametrize(
    "method", ["bogus", "interface=", "interface=(,en1", "interface=a=b", "=en0", "can-reach=2001:db8::1"]
)
def test_how_calico_can_not_find_addresses(method: str) -> None:
    changed = cluster({"spec.networking": {"calico": {"ipv4AutoDetectionMethod": method}}})
    wanted = expected("spec.networking.calico.ipv4AutoDetectionMethod: Invalid value")
    assert places(validate_cluster(changed)) == wanted


@pytest.mark.parametrize(
    ("version", "method", "accepted"),
    [
        (4, "first-found", True),
        (6, "first-found", True),
        (4, "can-reach=8.8.8.8", True),
        (6, "can-reach=2001:db8::1", True),
        (6, "can-reach=8.8.8.8", False),
        (4, "can-reach=dns.google", False),
        (4, "skip-interface=docker.*, veth.*", True),
        (6, "skip-interface=", False),
        (6, "first-found=a=b", False),
    ],
)
def test_how_calico_finds_the_addresses_of_either_family(version: int, method: str, accepted: bool) -> None:
    field = f"ipv{version}AutoDetectionMethod"
    found = places(validate_cluster(cluster({"spec.networking": {"calico": {field: method}}})))
    assert found == expected("" if accepted else f"spec.networking.calico.{field}: Invalid value")


@pytest.mark.parametrize(("changes", "errors"), ROWS, ids=str)
def test_what_is_refused(changes: Tree, errors: str) -> None:
    found = validate_cluster(cluster(changes))
    assert places(found) == expected(errors)
    assert all(error.message for error in found)
