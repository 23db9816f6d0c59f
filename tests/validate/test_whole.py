"""A whole cluster: versions that run, parts that fit together, and one list of errors in the end."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from kops_core.api.values import Tree, Value
from kops_core.errors import MissingFact
from kops_core.infer.complete import infer, prepare
from kops_core.validate import cross_checks
from kops_core.validate.cluster_set import validate_created, validate_planned, validate_written
from kops_core.validate.field import document
from kops_core.validate.load_balancer import check_bastion
from kops_core.validate.versions import check_versions
from tests.validate.samples import cluster, expected, group, places

MASTER: Tree = {"metadata.name": "control-plane", "spec.role": "Master", "spec.maxSize": 1}
FACTS: Tree = {
    "hostedZones": [{"id": "Z1", "name": "example.com", "private": False, "vpcs": []}],
    "images": [{"id": "ami-1", "architecture": "x86_64"}],
    "instanceTypes": [{"name": "m5.large", "architectures": ["x86_64"]}],
    "buckets": [{"name": "public", "region": "us-east-1", "public": True}],
}
_ACCOUNT: Tree = {"name": "a", "namespace": "b", "aws": {"inlinePolicy": "10"}}
CHANNEL: Tree = {"spec": {"kubernetesVersions": [{"range": ">=1.35.0", "requiredVersion": "1.35.2"}]}}


def _planned(cluster_changes: Tree, *groups: Tree) -> set[tuple[str, str]]:
    documents = [cluster(cluster_changes), *(group(changes) for changes in groups)]
    settings: Tree = {"kopsVersion": "1.37.0-alpha.1"}
    return places(
        validate_planned(infer(prepare(documents, facts=FACTS, channel=CHANNEL, settings=settings)))
    )


def test_a_sound_cluster_is_accepted() -> None:
    assert _planned({}, MASTER, {}) == set()


def test_errors_of_all_objects_and_stages_come_together() -> None:
    changes: Tree = {"spec.sshAccess": ["x"], "spec.etcdClusters[0].heartbeatInterval": "1s"}
    assert _planned(changes, MASTER, {"spec.tenancy": "x", "spec.machineType": "t9.mega"}) >= expected(
        "spec.sshAccess[0]: Invalid value;"
        "spec.etcdClusters[0].heartbeatInterval: Forbidden;"
        "spec.tenancy: Unsupported value;"
        "spec.machineType: Invalid value"
    )


def test_a_spec_that_can_not_be_completed_says_why_after_what_is_wrong_already() -> None:
    found = _planned({"spec.dnsZone": "nowhere.org", "spec.sshAccess": ["x"]}, MASTER, {})
    assert found == expected("spec.sshAccess[0]: Invalid value; spec.dnsZone: Not found")


def test_a_range_that_is_only_inferred_is_judged_though_the_spec_can_not_be_completed() -> None:
    subnets: list[Value] = [{"name": "a", "zone": "us-east-1a", "type": "Public"}]
    changes: Tree = {
        "spec.subnets": subnets,
        "spec.topology.dns.type": "Private",
        "spec.serviceClusterIPRange": "10.0.0.0/24",
    }
    found = _planned(changes, MASTER, {})
    assert found == expected("spec.subnets[0].cidr: Forbidden; spec.dnsZone: Required value")


def test_a_group_needs_a_subnet_that_nodes_may_lie_in() -> None:
    subnets: list[Value] = [{"name": "u", "zone": "us-east-1a", "type": "Utility"}]
    master: Tree = {**MASTER, "spec.subnets": ["u"]}
    found = _planned({"spec.subnets": subnets}, master, {"spec.subnets": None})
    assert ("spec.subnets", "Required value") in found


def test_without_facts_what_is_wrong_already_is_told() -> None:
    documents = [cluster({"spec.sshAccess": ["x"]}), group(MASTER), group()]
    inputs = prepare(documents, channel=CHANNEL, settings={"kopsVersion": "1.37.0-alpha.1"})
    assert places(validate_planned(infer(inputs))) == expected("spec.sshAccess[0]: Invalid value")


def test_a_sound_spec_that_can_not_be_completed_without_facts_names_the_one_it_lacks() -> None:
    documents = [cluster(), group(MASTER), group()]
    inputs = prepare(documents, channel=CHANNEL, settings={"kopsVersion": "1.37.0-alpha.1"})
    with pytest.raises(MissingFact, match="hostedZones"):
        validate_planned(infer(inputs))


@pytest.mark.parametrize(
    ("changes", "refused"),
    [
        # What kOps settles when a cluster is stored need not be written.
        ({"spec.networkCIDR": None, "spec.nonMasqueradeCIDR": None}, ""),
        ({"spec.etcdClusters[0].name": "leases"}, "spec.etcdClusters: Required value"),
        (
            {"spec.etcdClusters[0].backups": {"backupStore": "https://example.com/x"}},
            "spec.etcdClusters[0].backups.backupStore: Invalid value",
        ),
        ({"spec.secretStore": "ftp://example.com/x"}, "spec.secretStore: Invalid value"),
        ({"spec.containerd": {"version": "2.1.4"}}, "spec.containerd.runc.version: Required value"),
        ({"spec.containerd": {"version": "2.1.4", "skipInstall": True}}, ""),
        (
            {"spec.api.loadBalancer.accessLog": {"interval": 5}},
            "spec.api.loadBalancer.accessLog.bucket: Required value",
        ),
        (
            {"spec.iam.serviceAccountExternalPermissions": [_ACCOUNT]},
            "spec.iam.serviceAccountExternalPermissions[0].aws.inlinePolicy: Invalid value",
        ),
        ({"spec.topology.bastion": {"loadBalancer": {"type": "Private"}}}, ""),
        ({"spec.kubeControllerManager": {"attachDetachReconcileSyncPeriod": "0s"}}, ""),
        (
            {"spec.warmPool": {"maxSize": 0, "additionalImages": ["ami-1"]}},
            "spec.warmPool.additionalImages: Forbidden",
        ),
    ],
)
def test_what_keeps_a_cluster_from_being_planned(changes: Tree, refused: str) -> None:
    subnets: list[Value] = [
        {"name": "a", "zone": "us-east-1a", "type": "Private"},
        {"name": "utility-a", "zone": "us-east-1a", "type": "Utility"},
    ]
    assert _planned({"spec.subnets": subnets, **changes}, MASTER, {}) == expected(refused)


def test_what_only_a_plan_has_to_know_keeps_no_cluster_from_being_written_down() -> None:
    documents = [
        cluster({"spec.kubernetesVersion": "1.30.0", "spec.dnsZone": "new.org"}),
        group(MASTER),
        group({"spec.additionalSecurityGroups": ["x"]}),
    ]
    done = infer(prepare(documents, facts=FACTS, channel=CHANNEL, settings={"kopsVersion": "1.37.0"}))
    assert places(validate_created(done)) == set()
    assert places(validate_planned(done)) == expected(
        "spec.kubernetesVersion: Forbidden; spec.dnsZone: Not found;"
        "spec.additionalSecurityGroups[0]: Invalid value"
    )


def test_an_image_that_the_region_lacks_is_refused_where_it_is_written() -> None:
    assert _planned({}, MASTER, {"spec.image": "ami-2"}) == expected("spec.image: Invalid value")


@pytest.mark.parametrize(
    ("manager", "machine_type", "looked_for"),
    [
        ("CloudGroup", "m5.large", True),
        ("Karpenter", "m5.large", True),
        ("Karpenter", None, False),
    ],
)
def test_karpenter_finds_the_image_of_a_group_that_names_no_machine_type(
    manager: str, machine_type: str | None, looked_for: bool
) -> None:
    changes: Tree = {"spec.manager": manager, "spec.machineType": machine_type, "spec.image": "ami-2"}
    irsa: Tree = {"spec.iam.useServiceAccountExternalPermissions": True, "spec.karpenter": {"enabled": True}}
    discovery: Tree = {"spec.serviceAccountIssuerDiscovery": {"discoveryStore": "s3://public/x"}}
    found = _planned({**irsa, **discovery}, MASTER, {}, {"metadata.name": "more", **changes})
    assert found == expected("spec.image: Invalid value" if looked_for else "")


def test_a_load_balancer_needs_subnets_of_its_kind() -> None:
    subnets: list[Value] = [
        {"name": "a", "zone": "us-east-1a", "type": "Private", "egress": "External", "cidr": "10.0.0.0/20"}
    ]
    assert _planned({"spec.subnets": subnets}, MASTER, {}) == expected("spec.subnets: Required value")


@pytest.mark.parametrize(
    ("balancer", "kinds", "refused"),
    [
        ({"type": "Public"}, ("Private", "Utility"), False),
        ({"type": "Public"}, ("Public",), False),
        ({"type": "Public"}, ("Private", "DualStack"), True),
        ({"type": "Internal"}, ("Private",), False),
        ({"type": "Internal"}, ("DualStack",), False),
        ({"type": "Internal"}, ("Public", "Utility"), True),
        ({"type": "Internal", "subnets": [{"name": "s0"}]}, ("Public",), False),
        (None, ("Private",), False),
    ],
)
def test_which_subnets_the_apis_load_balancer_can_lie_in(
    balancer: Tree | None, kinds: Sequence[str], refused: bool
) -> None:
    subnets: list[Value] = [{"name": f"s{place}", "type": kind} for place, kind in enumerate(kinds)]
    spec = document(cluster({"spec.subnets": subnets, "spec.api.loadBalancer": balancer})).at("spec")
    found = places(cross_checks.check_balancer(spec))
    assert found == expected("spec.subnets: Required value" if refused else "")


@pytest.mark.parametrize("group_changes", [{}, {"spec.role": "Bastion"}])
@pytest.mark.parametrize("kind", ["Public", "Internal", "Private"])
def test_the_load_balancer_of_bastions_is_judged_where_there_are_bastions(
    kind: str, group_changes: Tree
) -> None:
    spec = document(cluster({"spec.topology.bastion": {"loadBalancer": {"type": kind}}})).at("spec")
    found = places(check_bastion(spec, [document(group(MASTER)), document(group(group_changes))]))
    wrong = kind == "Private" and bool(group_changes)
    assert found == expected("spec.topology.bastion.loadBalancer.type: Unsupported value" if wrong else "")


_STORES = ("s3", "file", "memfs", "gs", "do", "hos", "linode", "swift", "azureblob", "scw")
"""Schemes for which kOps can write (util/pkg/vfs)."""


@pytest.mark.parametrize("scheme", [*_STORES, "http", "https", "ftp", "ssh", "S3", "XXgsXX", ""])
def test_stores_of_keys_secrets_and_backups_can_be_written(scheme: str) -> None:
    store = f"{scheme}://place/folder"
    fields = ("spec.keyStore", "spec.secretStore", "spec.etcdClusters[1].backups.backupStore")
    changes: Tree = {
        **dict.fromkeys(fields[:2], store),
        "spec.etcdClusters[1].backups": {"backupStore": store},
    }
    found = places(cross_checks.check_stores(document(cluster(changes)).at("spec")))
    assert found == ({(field, "Invalid value") for field in fields} if scheme not in _STORES else set())


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({}, ""),
        ({"spec.dnsZone": "example.com"}, ""),
        ({"spec.dnsZone": "example.com."}, ""),
        ({"spec.dnsZone": "Z2"}, ""),
        ({"spec.dnsZone": "example.org"}, "Not found"),
        ({"spec.dnsZone": "twice.com"}, "Invalid value"),
        ({"spec.dnsZone": "twice.com."}, "Invalid value"),
        ({"spec.dnsZone": "twice.com", "spec.topology.dns.type": "Private"}, ""),
        ({"spec.dnsZone": "example.org", "spec.topology.dns.type": "None"}, ""),
    ],
)
def test_a_public_hosted_zone_is_one_that_the_account_has_once(changes: Tree, error: str) -> None:
    zones: Tree = {
        "Z1": {"name": "example.com."},
        "Z2": {"name": "twice.com."},
        "Z3": {"name": "twice.com."},
    }
    spec = document(cluster(changes)).at("spec")
    found = places(cross_checks.check_hosted_zone(spec, {"hostedZones": zones}))
    assert found == ({("spec.dnsZone", error)} if error else set())
    assert not list(cross_checks.check_hosted_zone(spec, {}))


@pytest.mark.parametrize(("groups", "missing"), [((MASTER,), 1), (({},), 1), ((), 2), ((MASTER, {}), 0)])
def test_a_cluster_has_control_plane_and_workers(groups: tuple[Tree, ...], missing: int) -> None:
    found = list(cross_checks.check_groups_present([document(group(changes)) for changes in groups]))
    assert [error.kind for error in found] == ["Required value"] * missing


def test_etcd_members_live_in_one_zone_of_a_group_that_exists() -> None:
    spec = document(cluster({"spec.subnets[1].zone": "us-east-1b"})).at("spec")
    wide = document(group({**MASTER, "spec.subnets": ["a", "utility-a"]}))
    member = "spec.etcdClusters[{}].etcdMembers[0].instanceGroup: {}"
    assert not list(cross_checks.check_etcd_groups(spec, [document(group(MASTER))]))
    for groups, kind in (([], "Not found"), ([wide], "Invalid value")):
        wanted = expected(";".join(member.format(place, kind) for place in (0, 1)))
        assert places(cross_checks.check_etcd_groups(spec, groups)) == wanted


def test_subnets_of_a_group_are_of_one_type() -> None:
    spec = document(cluster()).at("spec")
    mixed = document(group({"spec.subnets": ["a", "utility-a"]}))
    assert places(cross_checks.check_subnet_types(spec, [mixed])) == expected("spec.subnets[1]: Forbidden")
    assert not list(cross_checks.check_subnet_types(spec, [document(group())]))


def test_an_instance_profile_serves_one_role() -> None:
    profile: Tree = {"spec.iam": {"profile": "arn:aws:iam::1:instance-profile/x"}}
    one, other = document(group({**MASTER, **profile})), document(group(profile))
    assert places(cross_checks.check_profiles([one, other])) == expected("spec.iam.profile: Forbidden")
    assert not list(cross_checks.check_profiles([other, other]))


def test_subnets_of_a_zone_leave_it_the_same_way() -> None:
    more: Tree = {
        "name": "b",
        "zone": "us-east-1a",
        "type": "Private",
        "cidr": "10.0.64.0/20",
        "egress": "nat-1",
    }
    spec = document(cluster({"spec.subnets[2]": more})).at("spec")
    assert places(cross_checks.check_egress(spec)) == expected("spec.subnets[2].egress: Forbidden")
    unmanaged = document(cluster({"spec.subnets[2]": {**more, "egress": "External"}})).at("spec")
    assert not list(cross_checks.check_egress(unmanaged))


def test_private_subnets_need_one_utility_subnet_in_their_zone() -> None:
    away = document(cluster({"spec.subnets[1].zone": "us-east-1b"})).at("spec")
    assert places(cross_checks.check_egress(away)) == expected("spec.subnets: Required value")
    more: Tree = {"name": "utility-2", "zone": "us-east-1a", "type": "Utility"}
    two = document(cluster({"spec.subnets[2]": more})).at("spec")
    assert places(cross_checks.check_egress(two)) == expected("spec.subnets[2].type: Forbidden")
    elsewhere = document(cluster({"spec.subnets[2]": {**more, "zone": "us-east-1b"}})).at("spec")
    assert not list(cross_checks.check_egress(elsewhere))
    shared = document(cluster({"spec.subnets[1].zone": "us-east-1b", "spec.subnets[0].id": "subnet-1"})).at(
        "spec"
    )
    assert not list(cross_checks.check_egress(shared))


@pytest.mark.parametrize(
    ("zone", "errors"),
    [
        ("us-east-1b", ""),
        ("us-west-2a", "spec.subnets[1].zone: Forbidden"),
        ("us-east-1z", "spec.subnets[1].zone: Not found"),
        ("a", "spec.subnets[1].zone: Invalid value"),
        ("", "spec.subnets[1].zone: Required value"),
    ],
)
def test_zones_of_one_region(zone: str, errors: str) -> None:
    spec = document(cluster({"spec.subnets[1].zone": zone})).at("spec")
    assert places(cross_checks.check_zones(spec, {"zones": ["us-east-1a", "us-east-1b"]})) == expected(errors)


@pytest.mark.parametrize(
    ("version", "settings", "refused"),
    [
        ("1.37.5", {}, False),
        ("1.38.0-alpha.1", {}, True),
        ("1.38.0", {"runTooNewVersion": True}, False),
        ("1.31.9", {}, True),
        ("1.32.0", {}, False),
        ("1.35.1", {}, True),
        ("1.35.1", {"runObsoleteVersion": True}, False),
        ("1.35.2", {}, False),
    ],
)
def test_versions_that_run(version: str, settings: Tree, refused: bool) -> None:
    spec = document(cluster({"spec.kubernetesVersion": version})).at("spec")
    found = places(check_versions(spec, CHANNEL, {"kopsVersion": "1.37.0-alpha.1", **settings}))
    assert found == (expected("spec.kubernetesVersion: Forbidden") if refused else set())


@pytest.mark.parametrize("version", ["1.20.0", "1.35.2", "1.37.9"])
def test_a_version_that_can_not_be_read_or_is_not_given_is_not_compared(version: str) -> None:
    """What is wrong with it is told where it is written."""
    settings: Tree = {"kopsVersion": "1.37.0"}
    odd = document(cluster({"spec.kubernetesVersion": f"https://example.com/{version}"})).at("spec")
    assert not list(check_versions(odd, CHANNEL, settings))


@pytest.mark.parametrize(
    ("entries", "required"),
    [
        ([{"requiredVersion": "1.36.3"}], True),
        ([{"range": "", "requiredVersion": "1.36.3"}], True),
        ([{"requiredVersion": "1.36.2"}], False),
        ([{"range": "<1.36.0", "requiredVersion": "1.36.3"}], False),
        ([{"range": "<1.36.0", "requiredVersion": "1.35.9"}, {"requiredVersion": "1.36.3"}], True),
        ([{"requiredVersion": "1.36.0"}, {"range": ">=1.36.0", "requiredVersion": "1.36.3"}], False),
        ([{"range": ">=1.36.0"}], False),
        (None, False),
    ],
)
def test_the_first_entry_of_a_channel_for_a_version_counts_and_one_without_a_range_is_for_all(
    entries: list[Value] | None, required: bool
) -> None:
    spec = document(cluster({"spec.kubernetesVersion": "1.36.2"})).at("spec")
    of_kubernetes: Tree = {"spec": {"kubernetesVersions": entries}}
    found = places(check_versions(spec, of_kubernetes, {"kopsVersion": "1.37.0"}))
    assert found == expected("spec.kubernetesVersion: Forbidden" if required else "")
    of_kops: Tree = {"spec": {"kopsVersions": entries}}
    found = places(check_versions(spec, of_kops, {"kopsVersion": "1.36.2"}))
    assert found == expected("spec.channel: Forbidden" if required else "")
    again: Tree = {"kopsVersion": "1.36.2", "runObsoleteVersion": True}
    assert not list(check_versions(spec, of_kops, again))


def test_writing_looks_at_each_object_by_itself() -> None:
    errors = validate_written(
        cluster({"spec.sshAccess": ["x"]}), [group({"spec.subnets": ["z"], "spec.role": None})]
    )
    assert places(errors) == expected("spec.sshAccess[0]: Invalid value; spec.role: Required value")
    assert str(errors[-1]).startswith("InstanceGroup nodes: spec.role: Required value: ")
