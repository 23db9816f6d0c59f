"""The inference engine, with rules of the tests."""

from __future__ import annotations

import pytest

from kops_core.api.path import parse, set_at, unset_at
from kops_core.api.values import UNSET, Maybe, Tree, Value
from kops_core.errors import MissingFact
from kops_core.infer.inference import Inference, Inputs, Source
from kops_core.infer.reader import Reader
from kops_core.infer.rules import RuleBook, rule
from kops_core.infer.sheet import RuleCycle


@rule("spec.cidr", because="clusters need one")
def cidr(c: Reader) -> Value:
    return "100.64.0.0/10"


@rule("spec.dns.serverIP", because="it is the tenth address")
def server_ip(c: Reader) -> Value:
    text = c.string("spec.cidr") or ""
    return text.replace("0/10", "10")


@rule("spec.kubelet.clusterDNS", "spec.masterKubelet.clusterDNS", because="pods ask the cluster's DNS")
def cluster_dns(c: Reader) -> Value:
    return c.string("spec.dns.serverIP")


@rule("spec.version", because="kOps writes versions without a v", over_user=True)
def version(c: Reader) -> Maybe:
    yours = c.user_value("spec.version")
    return yours.removeprefix("v") if isinstance(yours, str) else None


@rule("spec.etcd[*].version", because="it goes with Kubernetes")
def etcd_version(c: Reader) -> Value:
    return f"{c.string('spec.etcd[*].name')}-for-{c.string('spec.version')}"


@rule("spec.cni.mtu", because="jumbo frames", when=lambda c: c.has("spec.cni"))
def mtu(c: Reader) -> Value:
    return 9001


@rule("spec.zones", because="the account has them")
def zones(c: Reader) -> Value:
    return c.fact("zones")


@rule("spec.members", because="one for each etcd")
def members(c: Reader) -> Value:
    return [{"name": name} for _, name in c.each("spec.etcd[*].name")]


@rule("spec.members[*].size", because="they are alike")
def member_size(c: Reader) -> Value:
    return 20


@rule("instanceGroups.*.spec.image", because="all groups have one image")
def image(c: Reader) -> Value:
    return f"image-{c.string('instanceGroups.*.spec.role')}-{c.string('spec.version')}"


@rule("spec.left", because="it reads right")
def left(c: Reader) -> Value:
    return c.get("spec.right")


@rule("spec.right", because="it reads left")
def right(c: Reader) -> Value:
    return c.get("spec.left")


ROUND = (left, right)
BOOK = RuleBook(
    [cidr, server_ip, cluster_dns, version, etcd_version, mtu, zones, members, member_size, image]
)


def infer(spec: Tree, book: RuleBook = BOOK, facts: Tree | None = None) -> Inference:
    return Inference(inputs(spec, facts), book)


def inputs(spec: Tree, facts: Tree | None = None) -> Inputs:
    groups: dict[str, Tree] = {"nodes.a": {"spec": {"role": "Node"}}}
    known: Tree = {"zones": ["a", "b"]} if facts is None else facts
    return Inputs({"kind": "Cluster", "spec": spec}, groups, known)


def test_a_rule_fills_what_the_user_left_and_only_that() -> None:
    done = infer({"version": "v1", "kubelet": {"clusterDNS": "10.0.0.2"}})
    assert done.value("spec.kubelet") == {"clusterDNS": "10.0.0.2"}
    assert done.value("spec.masterKubelet") == {"clusterDNS": "100.64.0.10"}


def test_a_chain_of_rules_follows_what_the_user_set() -> None:
    assert infer({"cidr": "10.0.0.0/10"}).value("spec.kubelet.clusterDNS") == "10.0.0.10"


def test_nothing_is_inferred_below_an_item_that_its_list_does_not_have() -> None:
    done = infer({"etcd": [{"name": "main"}]})
    assert done.value("spec.etcd[0].version") == "main-for-None"
    assert done.value("spec.etcd[1].version") is UNSET
    assert done.value("spec.members[0].size") == 20
    assert done.value("spec.members[1].size") is UNSET
    assert done.value("spec.none[0].size") is UNSET


def test_fields_of_list_items_and_of_instance_groups_are_inferred_one_by_one() -> None:
    done = infer({"version": "v1", "etcd": [{"name": "main"}, {"name": "events", "version": "3"}]})
    assert done.value("spec.etcd") == [
        {"name": "main", "version": "main-for-1"},
        {"name": "events", "version": "3"},
    ]
    assert done.instance_groups["nodes.a"]["spec"] == {"role": "Node", "image": "image-Node-1"}


def test_rules_add_to_what_a_rule_above_them_made() -> None:
    done = infer({"etcd": [{"name": "main"}]})
    assert done.value("spec.members") == [{"name": "main", "size": 20}]
    assert done.origin("spec.members[0].size").rule == "test_sheet.member_size"
    assert done.origin("spec.members[0].name").rule == "test_sheet.members"


def test_a_condition_may_ask_for_the_structure_that_the_field_is_in() -> None:
    assert infer({}).value("spec.cni") is UNSET
    assert infer({"cni": {}}).value("spec.cni") == {"mtu": 9001}
    assert infer({"cni": None}).value("spec.cni") is UNSET


def test_a_user_value_that_a_rule_rewrote_keeps_both_forms() -> None:
    origin = infer({"version": "v1"}).origin("spec.version")
    assert (origin.value, origin.user_value, origin.rule) == ("1", "v1", "test_sheet.version")
    assert infer({"version": "1"}).origin("spec.version").source is Source.USER


def test_an_origin_names_the_rule_and_all_it_read() -> None:
    origin = infer({}).origin("spec.kubelet.clusterDNS")
    assert origin.rule == "test_sheet.cluster_dns"
    assert [(read.path, read.value, read.source) for read in origin.reads] == [
        (parse("spec.dns.serverIP"), "100.64.0.10", Source.INFERRED)
    ]
    assert infer({}).origin("spec.zones").source is Source.CLOUD


def test_a_fact_that_nobody_read_is_an_error_that_names_it() -> None:
    with pytest.raises(MissingFact, match=r"facts\.zones"):
        infer({}, facts={}).value("spec.zones")


def test_what_would_be_inferred_without_the_users_value() -> None:
    done = infer({"kubelet": {"clusterDNS": "10.0.0.2"}})
    assert done.would_be("spec.kubelet.clusterDNS") == "100.64.0.10"
    assert done.value("spec.kubelet.clusterDNS") == "10.0.0.2"


def test_after_an_edit_only_what_read_it_is_computed_again() -> None:
    asked: list[str] = []

    @rule("spec.watched", because="the test counts")
    def watched(c: Reader) -> Value:
        asked.append("watched")
        return c.string("spec.cidr")

    @rule("spec.other", because="the test counts")
    def other(c: Reader) -> Value:
        asked.append("other")
        return c.string("spec.version")

    before: Tree = {"version": "v1", "cidr": "10.0.0.0/8"}
    done = infer(before, RuleBook([watched, other, version]))
    assert done.cluster["spec"] == {
        "version": "1",
        "cidr": "10.0.0.0/8",
        "watched": "10.0.0.0/8",
        "other": "1",
    }
    asked.clear()
    later = done.after(inputs({**before, "cidr": "10.1.0.0/16"}))
    assert later.value("spec.watched") == "10.1.0.0/16"
    assert later.value("spec.other") == "1"
    assert asked == ["watched"]
    assert later.moved(done) == {
        ("spec", "cidr"): ("10.0.0.0/8", "10.1.0.0/16"),
        ("spec", "watched"): ("10.0.0.0/8", "10.1.0.0/16"),
    }


@pytest.mark.parametrize(
    "path", ["spec.kubelet.clusterDNS", "spec.etcd[0].version", "spec.cni", "spec.version"]
)
def test_an_edit_followed_step_by_step_equals_inference_from_scratch(path: str) -> None:
    spec: Tree = {"version": "v1", "etcd": [{"name": "main"}], "cni": {}}
    done = infer(spec)
    _ = done.cluster
    whole: Tree = {"spec": spec}
    for changed in (set_at(whole, parse(path), "x"), unset_at(whole, parse(path))):
        new_spec = changed["spec"]
        assert isinstance(new_spec, dict)
        assert done.after(inputs(new_spec)).cluster == infer(new_spec).cluster


def test_rules_in_a_circle_are_named() -> None:
    with pytest.raises(RuleCycle, match=r"spec\.left.*spec\.right.*spec\.left"):
        infer({}, RuleBook(ROUND)).value("spec.left")


def test_two_rules_for_one_path_are_refused() -> None:
    with pytest.raises(ValueError, match=r"spec\.cidr has two rules"):
        RuleBook([cidr, cidr])
