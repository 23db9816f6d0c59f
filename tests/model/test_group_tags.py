"""Tags of instance groups and etcd's volumes where users' labels meet kOps' own."""

from __future__ import annotations

from kops_core.api.values import Tree
from kops_core.model.kinds import AutoscalingGroup, EBSVolume, LaunchTemplate
from kops_core.model.resource import Key
from tests.addons.objects_of import case_inputs, changed
from tests.model.test_beyond_corpus import resources

CLUSTER = "minimal-aws.example.com"
GROUP = f"nodes.{CLUSTER}"
VOLUME = f"us-test-1a.etcd-main.{CLUSTER}"


def test_what_kops_finds_by_name_keeps_its_name_and_machines_take_the_users() -> None:
    labels: Tree = {"Name": "mine", "KubernetesCluster": "other", "team": "a"}
    made = resources("minimal-aws", changed(case_inputs("minimal-aws"), cloudLabels=labels))
    template = made[Key("LaunchTemplate", GROUP)]
    assert isinstance(template, LaunchTemplate)
    assert labels.items() <= (template.tags or {}).items()
    for key in (Key("AutoscalingGroup", GROUP), Key("EBSVolume", VOLUME)):
        found = made[key]
        assert isinstance(found, AutoscalingGroup | EBSVolume)
        kept = {"Name": key.name, "KubernetesCluster": CLUSTER, "team": "a"}
        assert kept.items() <= (found.tags or {}).items()
