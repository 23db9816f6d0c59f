"""Options of create cluster: lists, counts, defaults, and errors."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import settings as settings_of_hypothesis
from hypothesis import strategies as st

from kops_core.api.path import get, parse
from kops_core.api.values import Maybe, Tree
from kops_core.errors import InvalidSpec, KopsError, MissingFact, UsageError
from kops_core.infer.create.create import Created, create
from kops_core.infer.create.flags import FLAGS, Kind, from_flags, split_list
from kops_core.infer.create.options import CreateOptions
from tests.create.create_cases import metadata, settings

_FACTS: Tree = {
    "images": [],
    "vpcs": [{"id": "vpc-1", "cidr": "10.0.0.0/16"}],
    "subnets": [{"id": "subnet-a", "vpc": "vpc-1", "zone": "us-east-1a", "cidr": "10.0.1.0/24"}],
    "instanceTypes": [
        {"name": "t3.medium", "architectures": ["x86_64"], "zones": ["us-east-1a"]},
        {"name": "c5.large", "architectures": ["x86_64"], "zones": ["us-east-1a", "us-east-1b"]},
        {"name": "t3.micro", "architectures": ["x86_64"]},
        {"name": "m6g.large", "architectures": ["arm64"]},
    ],
}
_IMAGES = ("amd64", "arm64")
_CHANNEL: Tree = {
    "spec": {
        "images": [
            {
                "name": f"owner/{each}",
                "providerID": "aws",
                "architectureID": each,
                "kubernetesVersion": ">=1.32.0",
            }
            for each in _IMAGES
        ],
        "kopsVersions": [{"range": ">=1.36.0-alpha.1", "kubernetesVersion": "1.36.3"}],
    }
}


def _create(*flags: str, facts: Tree | None = None) -> Created:
    return create(
        from_flags(["k8s.example.com", "--zones", "us-east-1a,us-east-1b", *flags]),
        _FACTS if facts is None else facts,
        _CHANNEL,
        settings("s3://store"),
        datetime(2026, 1, 1, tzinfo=UTC),
    )


def _spec(created: Created, path: str) -> Maybe:
    return get(created.cluster, parse(path))


def _group(created: Created, name: str, path: str) -> Maybe:
    (found,) = (each for each in created.instance_groups if metadata(each)["name"] == name)
    return get(found, parse(path))


def test_lists_join_and_replace_the_default() -> None:
    options = from_flags(["--etcd-clusters", "main", "--etcd-clusters=events,leases", "--zones", '"a,b",c'])
    assert options.etcd_clusters == ("main", "events", "leases")
    assert options.zones == ("a,b", "c")


def test_the_first_use_of_a_flags_other_name_replaces_what_came_before() -> None:
    """kOps keeps one list under both names, and each name replaces it once."""
    options = from_flags(
        ["--override", "spec.a=1", "--set", "spec.b=2", "--override", "spec.c=3", "--master-zones", "a,b"]
    )
    assert options.sets == ("spec.b=2", "spec.c=3")
    assert options.control_plane_zones == ("a", "b")


def test_a_quote_inside_an_assignment_is_part_of_it() -> None:
    assert split_list('spec.x="a"', lazy=True) == ('spec.x="a"',)
    with pytest.raises(UsageError):
        split_list('"a')


@pytest.mark.parametrize(
    "arguments",
    [
        ["--nodes", "3"],
        ["--node-count", "three"],
        ["--bastion=perhaps"],
        ["one", "two"],
        ["one", "--name=two"],
        ["--zones"],
        ["-z"],
    ],
)
def test_wrong_command_lines_are_usage_errors(arguments: list[str]) -> None:
    with pytest.raises(UsageError):
        from_flags(arguments)


def test_flags_behind_a_feature_are_unknown_without_it() -> None:
    with pytest.raises(UsageError, match="APIServerNodes"):
        from_flags(["--api-server-count", "1"])
    assert from_flags(["--api-server-count", "1"], ["APIServerNodes"]).api_server_count == 1


def test_every_flag_names_an_option_and_none_twice() -> None:
    assert len({flag.name for flag in FLAGS}) == len(FLAGS)
    assert all(hasattr(CreateOptions(), flag.option) for flag in FLAGS)


def test_a_text_or_list_given_empty_is_as_if_it_was_not_given_but_where_there_is_a_default() -> None:
    features = {flag.feature for flag in FLAGS if flag.feature}
    defaults = {}
    for flag in FLAGS:
        if flag.kind in (Kind.TEXT, Kind.LIST, Kind.ASSIGNMENTS):
            given = getattr(from_flags([f"--{flag.name}="], sorted(features)), flag.option)
            if given != (default := getattr(CreateOptions(), flag.option)):
                defaults[flag.option] = default
    assert defaults == {
        "networking": "cilium",
        "admin_access": ("0.0.0.0/0", "::/0"),
        "authorization": "RBAC",
        "instance_manager": "cloudgroups",
        "channel": "stable",
        "target": "direct",
        "etcd_clusters": ("main", "events"),
    }


@pytest.mark.parametrize(
    ("zones", "count", "names"),
    [
        ("us-east-1a", 1, ["a"]),
        ("us-east-1a", 3, ["a-1", "a-2", "a-3"]),
        ("us-east-1a,us-east-1b", 2, ["a", "b"]),
        ("us-east-1a,us-east-1b", 3, ["a-1", "b-1", "a-2"]),
        ("us-east-1a,us-east-1b", 5, ["a-1", "b-1", "a-2", "b-2", "a-3"]),
    ],
)
def test_control_plane_nodes_go_round_the_zones_and_are_numbered_where_a_zone_has_several(
    zones: str, count: int, names: list[str]
) -> None:
    created = _create("--control-plane-zones", zones, "--control-plane-count", str(count))
    found = [str(metadata(each)["name"]) for each in created.instance_groups]
    expected = [f"control-plane-us-east-1{each}" for each in names]
    assert [each for each in found if each.startswith("control-plane-")] == expected
    members = _spec(created, "spec.etcdClusters[0].etcdMembers")
    assert isinstance(members, list)
    assert [get(each, parse("instanceGroup")) for each in members] == expected


@pytest.mark.parametrize(
    ("flags", "api"),
    [
        ([], {"loadBalancer": {"class": "Network", "type": "Public"}}),
        (["--dns=public", "--dns-zone=Z1"], {"dns": {}}),
        (["--dns=private", "--dns-zone=Z1"], {"dns": {}}),
        (
            ["--dns=public", "--dns-zone=Z1", "--topology=private", "--networking=cilium"],
            {"loadBalancer": {"class": "Network", "type": "Public"}},
        ),
        (
            ["--dns=public", "--dns-zone=Z1", "--api-loadbalancer-type=internal"],
            {"loadBalancer": {"class": "Network", "type": "Internal"}},
        ),
        (
            ["--dns=public", "--dns-zone=Z1", "--api-ssl-certificate=arn:x"],
            {"loadBalancer": {"class": "Network", "type": "Public", "sslCertificate": "arn:x"}},
        ),
    ],
)
def test_the_api_is_found_by_dns_only_where_nodes_are_public_and_nothing_else_is_asked_for(
    flags: list[str], api: Tree
) -> None:
    assert _spec(_create(*flags), "spec.api") == api


def test_the_default_machine_type_is_offered_in_all_zones_of_the_group() -> None:
    created = _create("--control-plane-zones", "us-east-1a")
    assert _group(created, "nodes-us-east-1a", "spec.machineType") == "t3.medium"
    assert _group(created, "nodes-us-east-1b", "spec.machineType") == "c5.large"


def test_the_image_fits_the_machine_type() -> None:
    created = _create("--node-size", "m6g.large")
    assert _group(created, "nodes-us-east-1a", "spec.image") == "owner/arm64"
    assert _group(created, "control-plane-us-east-1a", "spec.image") == "owner/amd64"


def test_a_proxy_gets_its_exceptions_once() -> None:
    written = "cluster.spec.networking.egressProxy.excludes=localhost"
    created = _create("--set", "cluster.spec.networking.egressProxy.httpProxy.host=proxy", "--set", written)
    assert _spec(created, "spec.egressProxy.excludes") == (
        "localhost,127.0.0.1,k8s.example.com,100.64.0.1,100.64.0.0/10,169.254.169.254,172.20.0.0/16"
    )


def test_amazonvpc_pods_live_in_the_vpc() -> None:
    assert _spec(_create("--networking", "amazonvpc"), "spec.nonMasqueradeCIDR") == "172.20.0.0/16"


def test_the_manifest_is_what_dry_run_prints() -> None:
    cluster, *groups = _create().manifest()
    assert metadata(cluster) == {"name": "k8s.example.com"}
    assert all(metadata(group)["labels"] == {"kops.k8s.io/cluster": "k8s.example.com"} for group in groups)
    text = _create().manifest_yaml("ssh-ed25519 AAAA me\n")
    assert "creationTimestamp" not in text
    assert text.endswith("  name: admin\nspec:\n  publicKey: ssh-ed25519 AAAA me\n")
    assert text.count("\n---\n\n") == len(groups) + 1


def test_all_wrong_assignments_are_told_at_once() -> None:
    with pytest.raises(InvalidSpec) as refused:
        _create(
            "--set",
            "cluster.spec.warmPool.minSize=1",
            "--set",
            "spec.kubelet.maxPods=many",
            "--unset",
            "spec.x",
        )
    assert [(error.kind, error.path) for error in refused.value.errors] == [
        ("Unknown field", "spec.x"),
        ("Unknown field", "spec.warmPool.minSize"),
        ("Invalid value", "spec.kubelet.maxPods"),
    ]


@pytest.mark.parametrize(
    ("flags", "where"),
    [
        (["--bastion"], "--bastion"),
        (["--topology", "secret"], "--topology"),
        (["--topology", "private", "--networking", "kubenet"], "--networking"),
        (["--networking", "carrier-pigeon"], "--networking"),
        (["--dns", "maybe"], "--dns"),
        (["--control-plane-count", "-1"], "--control-plane-count"),
        (["--authorization", "Nobody"], "--authorization"),
        (["--instance-manager", "karpenter"], "--instance-manager"),
        (
            ["--control-plane-zones", "us-east-1a,us-east-1b", "--control-plane-count", "1"],
            "--control-plane-count",
        ),
        (["--api-loadbalancer-type", "sideways"], "--api-loadbalancer-type"),
        (["--cloud", "gce"], "--cloud"),
        (["--kubernetes-version", "newest"], "--kubernetes-version"),
        (["--cloud-labels", "Owner"], "--cloud-labels"),
        (["--network-id", "vpc-2"], "--network-id"),
        (["--subnets", "subnet-z"], "subnet-z"),
        (["--utility-subnets", "subnet-z", "--topology", "private"], "--utility-subnets"),
    ],
)
def test_options_that_make_no_sense(flags: list[str], where: str) -> None:
    with pytest.raises(KopsError) as refused:
        _create(*flags)
    assert refused.value.where == where
    assert refused.value.remedy


def test_a_missing_kind_of_fact_is_named() -> None:
    with pytest.raises(MissingFact) as missing:
        _create("--subnets", "subnet-a", facts={})
    assert missing.value.fact == "facts.subnets"


_PLAIN_FLAGS = [flag for flag in FLAGS if not flag.feature and flag.name != "name"]


@st.composite
def _flags(draw: st.DrawFn) -> list[str]:
    flags: list[str] = []
    for flag in draw(st.lists(st.sampled_from(_PLAIN_FLAGS), max_size=8)):
        junk = st.text('a1-.,:/=#%[] "', max_size=12)
        values = {
            Kind.NUMBER: st.integers(-1, 9).map(str),
            Kind.SWITCH: st.sampled_from(["true", "false"]),
        }.get(
            flag.kind,
            junk | st.sampled_from(flag.choices or ("us-east-1a", "vpc-1", "subnet-a", "10.0.0.0/8")),
        )
        flags.append(f"--{flag.name}={draw(values)}")
    return flags


@settings_of_hypothesis(max_examples=300, deadline=None)
@given(_flags())
def test_no_flags_make_it_fail_without_a_reason(flags: list[str]) -> None:
    try:
        created = create(
            from_flags(["k8s.example.com", "--zones", "us-east-1a,us-east-1b", *flags]),
            _FACTS,
            _CHANNEL,
            settings("s3://store"),
            datetime(2026, 1, 1, tzinfo=UTC),
        )
    except KopsError as refused:
        assert str(refused)
    else:
        assert created.manifest_yaml()


@given(st.integers(1, 40), st.integers(1, 6))
def test_nodes_are_shared_out_evenly(count: int, zones: int) -> None:
    names = [f"us-east-1{letter}" for letter in "abcdef"[:zones]]
    created = create(
        CreateOptions(
            cluster_name="k8s.example.com",
            zones=tuple(names),
            node_count=count,
            node_sizes=("t3.micro",),
            control_plane_sizes=("t3.micro",),
        ),
        _FACTS,
        _CHANNEL,
        settings("s3://store"),
        datetime(2026, 1, 1, tzinfo=UTC),
    )
    sizes = [_group(created, f"nodes-{name}", "spec.minSize") for name in names]
    numbers = [size for size in sizes if isinstance(size, int)]
    assert sum(numbers) == count
    assert max(numbers) - min(numbers) <= 1


def test_a_version_that_was_unset_is_the_channels_again() -> None:
    assert _spec(_create("--unset", "spec.kubernetesVersion"), "spec.kubernetesVersion") == "1.36.3"


@pytest.mark.parametrize(
    ("flags", "kind"),
    [
        (["--set", "spec.sshAccess[7]=10.0.0.0/8"], "Unknown field"),
        (["--set", "spec.nodePortAccess[*]=10.0.0.0/8"], "Unknown field"),
        (["--unset", "spec.kubeDNS.provider"], "Unknown field"),
        (["--unset", "spec.masterPublicName"], "Unknown field"),
        (["--unset", "spec.etcdClusters[2]"], "Unknown field"),
        (["--set", "spec.kubelet.maxPods=many"], "Invalid value"),
        (["--set", "spec.networking.cilium.clusterID=3"], "Invalid value"),
        (["--unset", "spec.configStore.base"], "Required value"),
        (["--set", "spec.certManager.featureGates=X=true"], "Invalid value"),
    ],
)
def test_an_assignment_is_refused_by_what_is_wrong_with_it(flags: list[str], kind: str) -> None:
    with pytest.raises(InvalidSpec) as refused:
        _create(*flags)
    assert [error.kind for error in refused.value.errors] == [kind]
