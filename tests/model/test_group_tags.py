"""Instance groups: user settings combined with kOps' own: names in tags, sizes of disks."""

from __future__ import annotations

from kops_core.api.values import Tree
from kops_core.cloud.aws.resources.groups import AutoscalingGroup, LaunchTemplate
from kops_core.cloud.aws.resources.storage import EBSVolume
from kops_core.model.template import Key
from tests.addons.objects_of import case_inputs, changed
from tests.model.test_beyond_corpus import group_with, resources

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


def test_a_root_volume_of_no_size_has_the_default_one() -> None:
    """kOps takes sizes above zero only."""
    made = resources("minimal-aws", group_with(case_inputs("minimal-aws"), "nodes", rootVolumeSize=-1))
    template = made[Key("LaunchTemplate", GROUP)]
    assert isinstance(template, LaunchTemplate)
    assert [device.volume_size for device in template.block_device_mappings or ()][:1] == [128]
