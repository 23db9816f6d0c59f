"""A cluster that kOps applied is up to date, and only real differences are planned: cases of the corpus."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from kops_core.api.path import get
from kops_core.cloud.aws.resources.groups import LaunchTemplate
from kops_core.model.addons.cilium.agent import REMOVE_VPC_CNI_RULES
from kops_core.model.build import DesiredState
from kops_core.model.resource import Resource
from kops_core.model.store_resources import AddonManifest, BootstrapChannel, ManagedFile
from kops_core.model.template import Key, Template
from kops_core.plan.changes import Plan
from kops_core.plan.equivalence import (
    KNOWN_EQUIVALENT,
    plan_with_equivalents,
)
from kops_core.plan.planner import make_plan
from kops_core.plan.snapshot import Snapshot
from kops_core.plan.user_data import same_user_data
from tests.addons.objects_of import built, case_inputs, changed, trees
from tests.conformance.settled import after_kops, check, desired_of
from tests.model.test_resources import sample
from tests.plan.fixtures import NOW
from tests.plan.test_equivalence import planned

pytestmark = pytest.mark.full

SUITE = "upstream/update"


@pytest.mark.parametrize(("suite", "name"), sample(step=16))
def test_a_cluster_that_kops_applied_is_up_to_date(suite: str, name: str) -> None:
    assert check(suite, name) == ""


@pytest.mark.parametrize("name", ["privatecilium-eni", "many-addons", "compress", "karpenter"])
def test_so_are_those_whose_texts_differ_in_other_ways(name: str) -> None:
    plan, state, snapshot = after_kops(SUITE, name)
    assert plan.pending == ()
    kept = [each for each in state.resources if isinstance(each, LaunchTemplate)]
    assert kept
    assert [_text(each) for each in kept] == [_text(snapshot.resources[each.key].resource) for each in kept]


Edit = Callable[[Any], Any]


@pytest.mark.parametrize(
    ("kind", "edit"),
    [
        (LaunchTemplate, lambda text: text.replace("NodeupConfigHash: ", "NodeupConfigHash: 0")),
        (LaunchTemplate, lambda text: text.replace("artifacts.k8s.io", "artifacts.example.com", 1)),
        (LaunchTemplate, lambda text: text.replace("export AWS_REGION=us-test-1", "export AWS_REGION=other")),
        (LaunchTemplate, lambda text: text.replace("NODEUP_HASH_AMD64=", "NODEUP_HASH_AMD64=0", 1)),
        (AddonManifest, lambda text: text.replace("image: ", "image: old/", 1)),
        (AddonManifest, lambda text: text.replace("CustomResourceDefinition", "Other", 1)),
        (AddonManifest, lambda text: text.replace("served: true", "served: false", 1)),
    ],
)
def test_what_says_something_else_isplanned(kind: type[Resource], edit: Edit) -> None:
    snapshot = after_kops(SUITE, "many-addons")[2]
    key, found = next(
        (key, each)
        for key, each in snapshot.resources.items()
        if isinstance(each.resource, kind) and edit(_text(each.resource)) != _text(each.resource)
    )
    changed = dict(snapshot.resources)
    changed[key] = replace(found, resource=_with(found.resource, edit(_text(found.resource))))
    plan, _ = planned(desired_of(SUITE, "many-addons"), replace(snapshot, resources=changed))
    pending = {each.key for each in plan.pending}
    assert key in pending
    # The channel holds the hash of a manifest, and nothing else follows.
    assert {each.kind for each in pending} <= {kind.__name__, BootstrapChannel.__name__}


def test_a_definition_in_the_account_that_lacks_a_fact_is_written_again() -> None:
    """As those do that earlier versions of this program wrote."""
    snapshot = after_kops(SUITE, "karpenter")[2]
    key = next(key for key in snapshot.resources if "karpenter.sh" in key.name)
    found = snapshot.resources[key]
    theirs = _text(found.resource)
    for fact in (
        " +default: 720h\n",
        " +default: 10%\n",
        " +maximum: 100\n",
        " +x-kubernetes-list-type: atomic\n",
    ):
        there = re.sub(fact, "", theirs, count=1)
        assert there != theirs
        changed = {**snapshot.resources, key: replace(found, resource=_with(found.resource, there))}
        plan, _ = planned(desired_of(SUITE, "karpenter"), replace(snapshot, resources=changed))
        assert key in {each.key for each in plan.pending}, fact


def test_a_boot_script_that_is_there_takes_a_new_configuration_in() -> None:
    """So that kOps, too, sees only the configuration change."""
    _, state, snapshot = after_kops(SUITE, "many-addons")
    changed = dict(snapshot.resources)
    for key, found in snapshot.resources.items():
        if isinstance(found.resource, LaunchTemplate):
            older = re.sub("NodeupConfigHash: .*", "NodeupConfigHash: older", _text(found.resource))
            changed[key] = replace(found, resource=_with(found.resource, older))
    plan, planned_state = planned(desired_of(SUITE, "many-addons"), replace(snapshot, resources=changed))
    assert {each.key.kind for each in plan.pending} == {"LaunchTemplate"}
    kops = {key: _text(each.resource) for key, each in snapshot.resources.items()}
    wanted = [each for each in planned_state.resources if isinstance(each, LaunchTemplate)]
    assert wanted
    assert [_text(each) for each in wanted] == [kops[each.key] for each in wanted]
    assert planned_state == state


def test_texts_that_stand_in_for_kops_own_are_those_that_were_compared() -> None:
    """A change of one is to be seen in the plan until somebody has compared it with kOps' again."""
    given = changed(
        case_inputs("minimal-aws"),
        containerd={"nvidiaGPU": {"enabled": True, "dcgmExporter": {"enabled": True}}},
    )
    exporter = next(
        each for each in trees(built(given)["nvidia.addons.k8s.io"]) if each["kind"] == "ConfigMap"
    )
    texts = [REMOVE_VPC_CNI_RULES, str(get(exporter, ("data", "metrics")))]
    assert {hashlib.sha256(text.encode()).hexdigest() for text in texts} == set(KNOWN_EQUIVALENT.values())


def test_a_new_keyset_shows_neither_old_certificates_nor_a_whole_script_as_changed() -> None:
    """One keyset is missing: what hangs on the others is known, and of kOps' script one hash changes."""
    suite, name = "generated", "case000"
    _, _, snapshot = after_kops(suite, name)
    desired = desired_of(suite, name)
    missing = Key("Keypair", "apiserver-aggregator-ca")
    assert missing in snapshot.resources
    without = Snapshot(
        snapshot.taken_at,
        {key: found for key, found in snapshot.resources.items() if key != missing},
        snapshot.foreign,
    )

    def plan_for(state: DesiredState) -> Plan:
        return make_plan(state, without, cluster=state.cluster, inputs_digest="x", now=NOW)

    plan, state = plan_with_equivalents(desired, without, plan_for)
    scripts = [
        field
        for change in plan.pending
        if change.key.kind == "LaunchTemplate"
        for field in change.fields
        if field.name == "user_data"
    ]
    assert scripts
    for field in scripts:
        assert field.before is not None
        assert isinstance(field.after, str)
        before, after = field.before.splitlines(), field.after.splitlines()
        changed = [(one, other) for one, other in zip(before, after, strict=True) if one != other]
        assert [other.strip() for _, other in changed] == ['NodeupConfigHash: "(hash, known after apply)"']
    configs = [
        field
        for change in plan.pending
        if change.key.name.startswith("nodeupconfig-")
        for field in change.fields
    ]
    assert configs
    for field in configs:
        assert isinstance(field.after, str)
        assert field.after.count("known after apply") <= 3
        assert "BEGIN CERTIFICATE" in field.after
    # Once the keyset is made, the script is as planned.
    template = next(each for each in state.resources if isinstance(each, LaunchTemplate))
    assert isinstance(template.user_data, Template)
    there = snapshot.resources[template.key].resource
    assert isinstance(there, LaunchTemplate)
    assert isinstance(there.user_data, str)
    assert same_user_data(template.user_data.resolve(snapshot.lookup) or "", there.user_data)


def _text(resource: Resource) -> str:
    found = resource.user_data if isinstance(resource, LaunchTemplate) else getattr(resource, "contents", "")
    return str(found)


def _with(resource: Resource, text: str) -> Resource:
    if isinstance(resource, LaunchTemplate):
        return replace(resource, user_data=text)
    assert isinstance(resource, ManagedFile)
    return replace(resource, contents=text)
