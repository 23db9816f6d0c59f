"""Facts of kOps' AWS model that no cluster of the corpus shows, read from its source."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from kops_core.api.values import Value
from kops_core.cloud.aws.resources.balancers import NetworkLoadBalancer
from kops_core.cloud.aws.resources.firewall import SecurityGroupRule
from kops_core.cloud.aws.resources.groups import AutoscalingGroup, LaunchTemplate
from kops_core.cloud.aws.resources.iam import IAMRolePolicy
from kops_core.cloud.aws.terraform.render import sections
from kops_core.errors import InvalidSpec
from kops_core.infer.complete import infer
from kops_core.infer.inference import Inputs
from kops_core.model.build import desired_resources
from kops_core.model.kind_spec import Phase
from kops_core.model.lifecycles import with_lifecycles
from kops_core.model.resource import Lifecycle
from kops_core.model.template import Key, Ref, Template
from tests.addons.objects_of import case_inputs, changed
from tests.conformance.resources import settings as model_settings
from tests.corpus import corpus_dir
from tests.model.test_beyond_corpus import SUITE, group_with, node_config, resources
from tests.terraform.module import parsed, settings

CLUSTER = "privatecalico.example.com"


def module(case: str, given: Inputs) -> Any:
    """The resources of the Terraform module of a changed case, by type and name."""
    inference = infer(given)
    state = desired_resources(inference, model_settings(corpus_dir() / SUITE / case, SUITE))
    return parsed(sections(state, settings(SUITE, inference)))["resource"]


def subnets(given: Inputs, **private: Value) -> Value:
    """The subnets of a case, with more fields of the private ones."""
    spec: Any = given.cluster["spec"]
    return [{**each, **private} if each["type"] == "Private" else each for each in spec["subnets"]]


def test_statements_of_the_users_have_the_form_that_kops_compares() -> None:
    written = [
        {
            "Sid": "Named",
            "effect": "Allow",
            "Action": ["s3:PutObject", "s3:GetObject", "s3:GetObject"],
            "Resource": "*",
            "Condition": {"StringLike": {"b": ["z", "a"]}, "Bool": {"a": "true"}},
        }
    ]
    given = changed(case_inputs("privatecalico"), additionalPolicies={"node": json.dumps(written)})
    policy = resources("privatecalico", given)[Key("IAMRolePolicy", f"additional.nodes.{CLUSTER}")]
    assert isinstance(policy, IAMRolePolicy)
    assert isinstance(policy.policy_document, Template)
    text = policy.policy_document.resolve(lambda ref: None) or ""
    (found,) = json.loads(text)["Statement"]
    assert list(found) == ["Action", "Condition", "Effect", "Resource"]
    assert found["Action"] == ["s3:GetObject", "s3:PutObject"]
    assert list(found["Condition"]) == ["Bool", "StringLike"]
    assert found["Condition"]["StringLike"] == {"b": ["z", "a"]}


def test_a_statement_that_would_lose_what_it_leaves_out_is_refused() -> None:
    written = [{"Effect": "Allow", "NotAction": ["iam:*"], "Resource": "*"}]
    given = changed(case_inputs("privatecalico"), additionalPolicies={"node": json.dumps(written)})
    with pytest.raises(InvalidSpec, match="notaction"):
        resources("privatecalico", given)


def test_api_servers_may_be_in_a_security_group_of_the_users() -> None:
    given = group_with(case_inputs("apiservernodes"), "apiserver", securityGroupOverride="sg-0abc")
    templates = module("apiservernodes", given)["aws_launch_template"]
    (interface,) = templates["apiserver-apiservers-minimal-example-com"]["network_interfaces"]
    assert interface["security_groups"] == ["sg-0abc"]


def test_an_address_named_by_its_number_is_allocated_by_the_module_as_by_that_of_kops() -> None:
    given = case_inputs("privatecalico")
    found = module("privatecalico", changed(given, subnets=subnets(given, publicIP="192.0.2.7")))
    name = "us-test-1a-privatecalico-example-com"
    assert found["aws_eip"] == {
        name: {"domain": "vpc", "tags": {f"kubernetes.io/cluster/{CLUSTER}": "shared"}}
    }
    assert found["aws_nat_gateway"][name]["allocation_id"] == f"${{aws_eip.{name}.id}}"


def test_volumes_are_in_order_of_their_devices_and_a_device_has_one() -> None:
    volumes: Value = [
        {"device": "/dev/xvdz", "size": 1},
        {"device": "/dev/xvdb", "size": 2, "type": "gp2", "throughput": 150},
        {"device": "/dev/xvdz", "size": 3},
    ]
    made = resources("privatecalico", group_with(case_inputs("privatecalico"), "nodes", volumes=volumes))
    template = made[Key("LaunchTemplate", f"nodes.{CLUSTER}")]
    assert isinstance(template, LaunchTemplate)
    found = [(each.device_name, each.volume_size) for each in template.block_device_mappings or ()]
    assert found[1:] == [("/dev/xvdb", 2), ("/dev/xvdz", 3)]


def test_an_empty_policy_of_mixed_instances_is_one() -> None:
    given = group_with(case_inputs("privatecalico"), "nodes", mixedInstancesPolicy={}, maxPrice="0.1")
    made = resources("privatecalico", given)
    group, template = (
        made[Key("AutoscalingGroup", f"nodes.{CLUSTER}")],
        made[Key("LaunchTemplate", f"nodes.{CLUSTER}")],
    )
    assert isinstance(group, AutoscalingGroup)
    assert isinstance(template, LaunchTemplate)
    assert group.mixed_instances_policy is not None
    assert group.mixed_instances_policy.spot_max_price == "0.1"
    assert template.spot_max_price == ""


def test_a_balancers_subnets_are_in_order_of_their_names() -> None:
    spec: Any = case_inputs("privatecalico").cluster["spec"]
    more: Value = [
        {"name": "a-last", "zone": "us-test-1b", "cidr": "172.20.8.0/22", "type": "Utility"},
        *spec["subnets"],
    ]
    api: Value = {
        "loadBalancer": {"type": "Public", "subnets": [{"name": "utility-us-test-1a"}, {"name": "a-last"}]}
    }
    made = resources("privatecalico", changed(case_inputs("privatecalico"), subnets=more, api=api))
    balancer = made[Key("NetworkLoadBalancer", f"api.{CLUSTER}")]
    assert isinstance(balancer, NetworkLoadBalancer)
    names = [each.subnet.key.name for each in balancer.subnet_mappings or () if isinstance(each.subnet, Ref)]
    assert names == [f"a-last.{CLUSTER}", f"utility-us-test-1a.{CLUSTER}"]


def test_additional_routes_of_a_private_subnet_without_egress_of_ours_are_in_its_zones_table() -> None:
    given = case_inputs("privatecalico")
    spec: Any = given.cluster["spec"]
    more: Value = [
        *spec["subnets"],
        {
            "name": "other",
            "zone": "us-test-1a",
            "cidr": "172.20.64.0/19",
            "type": "Private",
            "egress": "External",
            "additionalRoutes": [{"cidr": "10.9.0.0/16", "target": "tgw-0abc"}],
        },
    ]
    routes = module("privatecalico", changed(given, subnets=more))["aws_route"]
    assert routes["route-other-10-9-0-0--16"]["transit_gateway_id"] == "tgw-0abc"


@pytest.mark.parametrize(
    ("phase", "made"), [(Phase.SECURITY, {"myserviceaccount"}), (Phase.CLUSTER, {"dns-controller"})]
)
def test_roles_of_add_ons_are_made_with_the_cluster(phase: Phase, made: set[str]) -> None:
    given = changed(case_inputs("irsa"), iam__useServiceAccountExternalPermissions=True)
    state = desired_resources(infer(given), model_settings(corpus_dir() / SUITE / "irsa", SUITE))
    roles = {
        each.key.name.partition(".")[0]
        for each in with_lifecycles(state, phase).resources
        if each.key.kind == "IAMRole" and each.lifecycle is Lifecycle.SYNC
    }
    assert roles & {"myserviceaccount", "dns-controller"} == made


def test_a_key_pair_that_the_user_names_is_made_only_with_a_key_of_theirs() -> None:
    given = changed(case_inputs("privatecalico"), sshKeyName="theirs")
    inference = infer(given)
    known = model_settings(corpus_dir() / SUITE / "privatecalico", SUITE)
    found = {}
    for keys in ((), known.ssh_public_keys):
        state = desired_resources(inference, replace(known, ssh_public_keys=keys))
        found[bool(keys)] = parsed(sections(state, settings(SUITE, inference)))["resource"]
    assert "aws_key_pair" not in found[False]
    assert found[False]["aws_launch_template"]["nodes-privatecalico-example-com"]["key_name"] == "theirs"
    (pair,) = found[True]["aws_key_pair"].values()
    assert (pair["key_name"], pair["tags"]["Name"]) == ("theirs", CLUSTER)


@pytest.mark.parametrize("case", ["privatecalico", "minimal-1.35"])
@pytest.mark.parametrize("field", ["sshAccess", "kubernetesApiAccess"])
def test_networks_whose_rules_kops_would_name_alike_are_refused(case: str, field: str) -> None:
    some: dict[str, Value] = {field: ["pl-1", "10.0.0.0/8", "10.0.0.0/8"]}
    many: dict[str, Value] = {field: ["pl-1", "0.0.0.0/0"]}
    one = resources(case, changed(case_inputs(case), **some))
    lists = {each.prefix_list_id for each in one.values() if isinstance(each, SecurityGroupRule)}
    assert lists == {None, "pl-1"}
    with pytest.raises(InvalidSpec, match=rf"spec.{field}\[1\]"):
        resources(case, changed(case_inputs(case), **many))


def test_a_clusters_warm_pool_and_karpenter_go_together() -> None:
    given = changed(case_inputs("karpenter"), warmPool={"maxSize": 1})
    made = resources("karpenter", given)
    pools = {key.name for key in made if key.kind == "WarmPool"}
    assert pools == {"nodes.minimal.example.com"}
    assert (
        node_config(made, "nodes")["warmPoolImages"]
        == node_config(made, "karpenter-nodes-default")["warmPoolImages"]
    )


def test_zones_of_a_group_count_for_the_volumes_of_its_etcd_members() -> None:
    given = case_inputs("privatecalico")
    group = "master-us-test-1a"
    assert resources("privatecalico", group_with(given, group, zones=["us-test-1a"])) == resources(
        "privatecalico", given
    )
    with pytest.raises(InvalidSpec, match="exactly one zone"):
        resources("privatecalico", group_with(given, group, zones=["us-test-1b"]))
