"""Rules without a case in the corpus: spec, cloud facts, and inferred values."""

from __future__ import annotations

import pytest

from kops_core.api.path import parse, set_at
from kops_core.api.values import UNSET, Maybe, Tree, Value
from kops_core.errors import InvalidSpec, MissingFact
from kops_core.infer.complete import infer, prepare
from kops_core.infer.facts import keyed, listed
from kops_core.infer.inference import Inference
from tests.infer.corpus_cases import channel

FACTS: Tree = {
    "hostedZones": [
        {"id": "ZPUBLIC", "name": "example.com.", "private": False},
        {"id": "ZINNER", "name": "prod.example.com", "private": False},
        {"id": "ZPRIVATE", "name": "example.com", "private": True},
        {"id": "ZTWIN1", "name": "twin.org", "private": False},
        {"id": "ZTWIN2", "name": "twin.org", "private": False},
    ],
    "vpcs": [{"id": "vpc-1", "cidr": "10.1.0.0/16"}],
    "subnets": [
        {"id": "subnet-1", "vpc": "vpc-1", "zone": "us-east-1b", "cidr": "10.1.4.0/24"},
        {"id": "subnet-other", "vpc": "vpc-2", "zone": "us-east-1b", "cidr": "10.9.0.0/24"},
    ],
    "buckets": [
        {"name": "keys", "region": "us-west-2"},
        {"name": "my.keys", "region": "us-west-2"},
        {"name": "keys-cn", "region": "cn-north-1"},
    ],
}
NAME = "c.example.com"


def completed(
    spec: dict[str, Value],
    groups: dict[str, Tree] | None = None,
    *,
    name: str = NAME,
    settings: Tree | None = None,
) -> Inference:
    """The inference of a small cluster with some fields, addressed by path below ``spec``."""
    cluster: Tree = {"kind": "Cluster", "metadata": {"name": name}, "spec": {}}
    start: dict[str, Value] = {
        "kubernetesVersion": "1.36.0",
        "nonMasqueradeCIDR": "100.64.0.0/10",
        "configBase": "s3://state/c.example.com",
        "etcdClusters": [{"name": "main", "etcdMembers": [{"name": "a", "instanceGroup": "cp"}]}],
    }
    for path, value in {**start, **spec}.items():
        cluster = set_at(cluster, parse(f"spec.{path}"), value)
    documents: list[Tree] = [
        {"kind": "InstanceGroup", "metadata": {"name": group}, "spec": fields}
        for group, fields in (groups or {}).items()
    ]
    return infer(
        prepare(
            [cluster, *documents],
            facts=FACTS,
            channel=channel(),
            settings={"kopsVersion": "1.37.0", **(settings or {})},
        )
    )


@pytest.mark.parametrize(
    ("spec", "path", "value"),
    [
        # Kubernetes versions
        ({"kubernetesVersion": " v1.34.2"}, "kubernetesVersion", "1.34.2"),
        ({"kubernetesVersion": "1.32.0"}, "kubeAPIServer.cloudProvider", "external"),
        ({"kubernetesVersion": "1.33.0"}, "kubeAPIServer.cloudProvider", UNSET),
        ({"kubernetesVersion": "1.33.9"}, "kubelet.registerSchedulable", True),
        ({"kubernetesVersion": "1.34.0-alpha.1"}, "kubelet.registerSchedulable", UNSET),
        ({"kubernetesVersion": "1.33.0"}, "etcdClusters[0].version", "3.5.31"),
        ({"kubernetesVersion": "1.34.0"}, "etcdClusters[0].version", "3.6.12"),
        ({"kubernetesVersion": "1.37.0"}, "etcdClusters[0].version", "3.7.0"),
        ({"kubernetesVersion": "1.35.0"}, "masterKubelet.featureGates", {"ImageVolume": "true"}),
        ({"kubernetesVersion": "1.36.0"}, "masterKubelet.featureGates", UNSET),
        ({"etcdClusters[0].version": "v3.5.21"}, "kubeAPIServer.storageBackend", "etcd3"),
        # ranges
        ({"nonMasqueradeCIDR": "10.128.0.0/9"}, "podCIDR", "10.192.0.0/10"),
        ({"nonMasqueradeCIDR": "10.128.0.0/9"}, "serviceClusterIPRange", "100.64.0.0/13"),
        ({"nonMasqueradeCIDR": "::/0"}, "podCIDR", UNSET),
        ({"nonMasqueradeCIDR": "::/0"}, "serviceClusterIPRange", "fd00:5e4f:ce::/108"),
        ({"nonMasqueradeCIDR": "::/0"}, "kubeDNS.serverIP", "fd00:5e4f:ce::a"),
        ({"nonMasqueradeCIDR": "::/0"}, "kubeControllerManager.controllers", ["*", "-nodeipam"]),
        ({"nonMasqueradeCIDR": "::/0"}, "cloudConfig.nodeIPFamilies", ["ipv6", "ipv4"]),
        (
            {"nonMasqueradeCIDR": "::/0", "kubeControllerManager.clusterCIDR": "2001:db8::/96"},
            "kubeControllerManager.nodeCIDRMaskSize",
            112,
        ),
        (
            {"nonMasqueradeCIDR": "::/0", "kubeControllerManager.clusterCIDR": "2001:db8::/56"},
            "kubeControllerManager.nodeCIDRMaskSize",
            72,
        ),
        ({"kubeControllerManager.clusterCIDR": "10.5.0.0/16"}, "kubeProxy.clusterCIDR", "10.5.0.0/16"),
        ({"networking.amazonvpc": {}}, "nonMasqueradeCIDR", "172.20.0.0/16"),
        ({"networking.amazonvpc": {}}, "podCIDR", "172.20.128.0/17"),
        ({"networking.amazonvpc": {}, "networkCIDR": "10.0.0.0/16"}, "nonMasqueradeCIDR", "100.64.0.0/10"),
        ({"networking.amazonvpc": {}, "nonMasqueradeCIDR": "::/0"}, "nonMasqueradeCIDR", "::/0"),
        ({"networking.amazonvpc": {}}, "kubeProxy.clusterCIDR", UNSET),
        ({"networking.amazonvpc": {}}, "masterKubelet.shutdownGracePeriodCriticalPods", "0s"),
        ({"networking.kubenet": {}}, "cloudControllerManager.configureCloudRoutes", True),
        # shared VPC
        ({"networkID": "vpc-1"}, "networkCIDR", "10.1.0.0/16"),
        ({"networkID": "vpc-1", "subnets": [{"id": "subnet-1"}]}, "subnets[0].cidr", "10.1.4.0/24"),
        ({"networkID": "vpc-1", "subnets": [{"id": "subnet-1"}]}, "subnets[0].zone", "us-east-1b"),
        # stores
        ({"configBase": "file:///srv/c"}, "keyStore", "/srv/c/pki"),
        ({"configBase": "s3://state/c/"}, "secretStore", "s3://state/c/secrets"),
        (
            {"configBase": "s3://state/c/"},
            "etcdClusters[0].backups.backupStore",
            "s3://state/c/backups/etcd/main",
        ),
        # images
        (
            {"assets.containerProxy": "proxy.example.com/"},
            "kubeProxy.image",
            "proxy.example.com/kube-proxy:v1.36.0",
        ),
        (
            {"assets.containerRegistry": "r.example.com/m", "assets.containerProxy": "p.example.com"},
            "containerd.sandboxImage",
            "r.example.com/m/p.example.com-pause:3.10.1",
        ),
        # names
        ({"topology.dns.type": "Private"}, "dnsZone", "ZPRIVATE"),
        ({"topology.dns.type": "None"}, "dnsZone", UNSET),
        ({"topology.dns.type": "None"}, "masterPublicName", UNSET),
        ({"topology.dns.type": "None"}, "externalDns", UNSET),
        ({"externalDns.provider": "none"}, "externalDns", {"disable": True}),
        ({"externalDns": {"disable": True, "provider": "external-dns"}}, "externalDns", {"disable": True}),
        # issuer
        (
            {"serviceAccountIssuerDiscovery.discoveryStore": "s3://keys/a/b/"},
            "kubeAPIServer.serviceAccountIssuer",
            "https://keys.s3.us-west-2.amazonaws.com/a/b",
        ),
        (
            {"serviceAccountIssuerDiscovery.discoveryStore": "s3://my.keys/a"},
            "kubeAPIServer.serviceAccountIssuer",
            "https://s3.us-west-2.amazonaws.com/my.keys/a",
        ),
        (
            {"serviceAccountIssuerDiscovery.discoveryStore": "s3://keys-cn/a", "nonMasqueradeCIDR": "::/0"},
            "kubeAPIServer.serviceAccountIssuer",
            "https://keys-cn.s3.dualstack.cn-north-1.amazonaws.com.cn/a",
        ),
        (
            {"kubeAPIServer.serviceAccountIssuer": "https://i"},
            "kubeAPIServer.serviceAccountJWKSURI",
            "https://i/openid/v1/jwks",
        ),
        # kubelets
        ({"kubelet.shutdownGracePeriod": "1m0s"}, "masterKubelet.shutdownGracePeriod", "1m0s"),
        ({"kubelet.shutdownGracePeriod": "1m0s"}, "masterKubelet.shutdownGracePeriodCriticalPods", UNSET),
        ({"masterKubelet.shutdownGracePeriod": "1m0s"}, "kubelet.shutdownGracePeriodCriticalPods", "10s"),
        ({"isolateMasters": True}, "masterKubelet.hairpinMode", "none"),
        ({"isolateMasters": True}, "masterKubelet.enableDebuggingHandlers", False),
        ({"kubeDNS.nodeLocalDNS.enabled": True}, "kubelet.clusterDNS", "169.254.20.10"),
        (
            {"kubeDNS.nodeLocalDNS": {"enabled": True, "localIP": "169.254.1.1"}},
            "kubelet.clusterDNS",
            "169.254.1.1",
        ),
        ({"kubeDNS.serverIP": "100.64.0.99"}, "kubelet.clusterDNS", "100.64.0.10"),
        # what the user sets beside what is inferred
        ({"containerd.version": "1.7.28"}, "containerd.runc", UNSET),
        ({"containerd.runc.version": "1.3.0"}, "containerd.version", "2.3.4"),
        (
            {"kubeScheduler.leaderElection": {"leaderElectLeaseDuration": "30s"}},
            "kubeScheduler.leaderElection",
            {"leaderElectLeaseDuration": "30s"},
        ),
        (
            {"kubeControllerManager.leaderElection": {"leaderElectLeaseDuration": "30s"}},
            "kubeControllerManager.leaderElection.leaderElect",
            True,
        ),
        (
            {"kubeAPIServer.appendAdmissionPlugins": ["X"], "kubeAPIServer.enableAdmissionPlugins": ["Y"]},
            "kubeAPIServer.enableAdmissionPlugins",
            ["Y"],
        ),
        ({"authorization.alwaysAllow": {}}, "kubeAPIServer.authorizationMode", "AlwaysAllow"),
        ({"authorization.alwaysAllow": {}}, "authorization", {"alwaysAllow": {}}),
        (
            {"authentication.kopeio": {}},
            "kubeAPIServer.authenticationTokenWebhookConfigFile",
            "/etc/kubernetes/authn.config",
        ),
        (
            {"kubeAPIServer.oidcRequiredClaim": ["b=1", "a=2", "b=3"]},
            "kubeAPIServer.oidcRequiredClaim",
            ["a=2", "b=3"],
        ),
        ({"networking.cilium": {"hubble": {}}}, "networking.cilium.hubble.enabled", True),
        ({"networking.cilium": {"ipam": "eni"}}, "networking.cilium.tunnel", "disabled"),
        ({"networking.cilium": {"enableEncryption": True}}, "networking.cilium.encryptionType", "ipsec"),
        ({"networking.kindnet": {"masquerade": {}}}, "networking.kindnet.masquerade", {}),
        ({"networking.flannel": {}}, "networking.flannel.backend", "udp"),
        (
            {"networking.calico": {}, "nonMasqueradeCIDR": "::/0"},
            "networking.calico.encapsulationMode",
            "none",
        ),
        # add-ons
        ({"karpenter.enabled": True}, "nodeTerminationHandler", UNSET),
        ({"nodeTerminationHandler.enabled": False}, "nodeTerminationHandler", {"enabled": False}),
        ({"clusterAutoscaler.enabled": False}, "clusterAutoscaler.image", UNSET),
        (
            {"clusterAutoscaler": {"enabled": True, "expander": "priority"}},
            "clusterAutoscaler.createPriorityExpanderConfig",
            True,
        ),
        ({"nodeProblemDetector": {}}, "nodeProblemDetector.enabled", False),
        ({"metricsServer.enabled": True}, "kubeAPIServer.enableAggregatorRouting", True),
    ],
)
def test_a_field_follows_from_what_is_written(spec: dict[str, Value], path: str, value: Maybe) -> None:
    assert completed(spec).value(f"spec.{path}") == value


@pytest.mark.parametrize(
    ("name", "zone"),
    [("a.example.com", "ZPUBLIC"), ("a.prod.example.com", "ZINNER"), ("prod.example.com", "ZINNER")],
)
def test_the_zone_with_the_longest_name_is_taken(name: str, zone: str) -> None:
    assert completed({}, name=name).value("spec.dnsZone") == zone


@pytest.mark.parametrize(
    ("spec", "name", "path", "message"),
    [
        ({}, "a.nowhere.net", "spec.dnsZone", "no public zone"),
        ({}, "a.twin.org", "spec.dnsZone", "ZTWIN1, ZTWIN2"),
        (
            {"networkID": "vpc-1", "subnets": [{"id": "subnet-other"}]},
            NAME,
            "spec.subnets[0].cidr",
            "not a subnet of",
        ),
        ({"subnets": [{"name": "a", "type": "Odd"}]}, NAME, "spec.subnets[0].cidr", "Public, Private"),
        ({"egressProxy": {}, "nonMasqueradeCIDR": "x"}, NAME, "spec.egressProxy.excludes", "not a range"),
    ],
)
def test_what_can_not_be_completed_is_named(
    spec: dict[str, Value], name: str, path: str, message: str
) -> None:
    with pytest.raises(InvalidSpec, match=message):
        completed(spec, name=name).value(path)


def test_a_version_that_is_none_is_an_error_of_its_field() -> None:
    with pytest.raises(InvalidSpec) as caught:
        completed({"kubernetesVersion": "next"}).value("spec.etcdClusters[0].version")
    assert [(error.kind, error.path) for error in caught.value.errors] == [
        ("Invalid value", "spec.kubernetesVersion")
    ]


def test_a_shared_vpc_that_nobody_looked_up_is_a_missing_fact() -> None:
    with pytest.raises(MissingFact, match=r"facts\.vpcs\.vpc-9"):
        completed({"networkID": "vpc-9"}).value("spec.networkCIDR")


@pytest.mark.parametrize(("field", "written"), [("cidr", "10.1.9.0/24"), ("zone", "us-test-1z")])
def test_a_shared_subnet_that_is_written_otherwise_is_refused_while_another_is_looked_up(
    field: str, written: str
) -> None:
    subnets: list[Value] = [
        {"name": "a", "type": "Public", "id": "subnet-1"},
        {"name": "b", "type": "Public", "id": "subnet-1", field: written},
    ]
    with pytest.raises(InvalidSpec) as caught:
        completed({"networkID": "vpc-1", "subnets": subnets}).value("spec.subnets[0].cidr")
    assert [(error.kind, error.path) for error in caught.value.errors] == [
        ("Invalid value", f"spec.subnets[1].{field}")
    ]


def test_without_a_version_the_channel_recommends_one_for_this_kops() -> None:
    done = completed({"kubernetesVersion": ""})
    version = done.value("spec.kubernetesVersion")
    assert isinstance(version, str)
    assert version.startswith("1.")
    assert done.origin("spec.kubernetesVersion").source.value == "channel"


def test_a_flatcar_image_moves_the_volume_plugins() -> None:
    done = completed({}, {"nodes": {"role": "Node", "image": "075585003325/Flatcar-stable-4081"}})
    assert done.value("spec.masterKubelet.volumePluginDirectory") == "/var/lib/kubelet/volumeplugins/"


@pytest.mark.parametrize(
    ("groups", "expected"),
    [
        ({"cp": {"role": "Master", "subnets": ["open"]}}, {"dns": {}}),
        (
            {"cp": {"role": "Master", "subnets": ["closed"]}},
            {"loadBalancer": {"class": "Classic", "type": "Public"}},
        ),
        (
            {
                "cp": {"role": "Master", "subnets": ["open"]},
                "api": {"role": "APIServer", "subnets": ["closed"]},
            },
            {"loadBalancer": {"class": "Classic", "type": "Public"}},
        ),
        ({"cp": {"role": "Master", "subnets": ["both"]}}, UNSET),
    ],
)
def test_the_api_is_reached_as_its_subnets_allow(groups: dict[str, Tree], expected: Maybe) -> None:
    subnets: Value = [
        {"name": "open", "type": "Public", "cidr": "172.20.0.0/24"},
        {"name": "closed", "type": "Private", "cidr": "172.20.1.0/24"},
        {"name": "both", "type": "DualStack", "cidr": "172.20.2.0/24"},
    ]
    assert completed({"subnets": subnets, "api": {}}, groups).value("spec.api") == expected


def test_a_network_is_divided_by_zone_with_small_parts_for_utility_subnets() -> None:
    subnets: Value = [
        {"name": f"{kind}-{zone}", "type": kind, "zone": zone}
        for kind in ("Private", "Utility")
        for zone in ("c", "a")
    ]
    done = completed({"subnets": subnets, "networkCIDR": "10.0.0.0/16"})
    ranges = [done.value(f"spec.subnets[{place}].cidr") for place in range(4)]
    assert ranges == ["10.0.128.0/18", "10.0.64.0/18", "10.0.8.0/21", "10.0.0.0/21"]


def test_a_part_in_use_is_left_out_and_an_ipv6_subnet_needs_none() -> None:
    subnets: Value = [
        {"name": "taken", "type": "Public", "zone": "a", "cidr": "10.0.0.0/18"},
        {"name": "free", "type": "Public", "zone": "b"},
        {"name": "six", "type": "Private", "zone": "b", "ipv6CIDR": "2001:db8::/64"},
        {"name": "away", "type": "Public", "zone": "a", "cidr": "10.9.0.0/24"},
    ]
    done = completed({"subnets": subnets, "networkCIDR": "10.0.0.0/16"})
    assert done.value("spec.subnets[1].cidr") == "10.0.64.0/18"
    assert done.value("spec.subnets[2].cidr") is UNSET


def test_the_proxys_exceptions_end_with_what_the_cluster_must_reach() -> None:
    done = completed({"egressProxy": {"excludes": "localhost,10.8.0.0/16"}, "clusterDNSDomain": "k8s.test"})
    assert done.value("spec.egressProxy.excludes") == (
        "localhost,10.8.0.0/16,127.0.0.1,k8s.test,api.c.example.com,c.example.com,"
        "100.64.0.1,100.64.0.0/10,169.254.169.254,172.20.0.0/16"
    )


def test_facts_are_the_same_listed_and_by_key() -> None:
    document: Tree = {**FACTS, "region": "us-east-1", "targetGroups": [{"name": "tg"}]}
    assert listed(keyed(document)) == document
    assert keyed(listed(keyed(document))) == keyed(document)
    assert keyed({"targetGroups": ["tg"]}) == {"targetGroups": {"tg": {}}}
