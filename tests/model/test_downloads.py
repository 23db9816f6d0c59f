"""URLs of programs and images for nodes, if the cluster has its own copies."""

from __future__ import annotations

import pytest

from kops_core.api.values import Value
from kops_core.cloud.aws.resources.groups import LaunchTemplate
from kops_core.infer.complete import infer
from kops_core.model.build import desired_resources
from kops_core.model.nodes.assets import in_repository
from kops_core.model.store_resources import ManagedFile
from kops_core.model.template import Key, Template
from tests.addons.objects_of import SETTINGS, case_inputs, changed
from tests.corpus import corpus_dir

corpus_dir()
RELEASE = "https://dl.k8s.io/release/v1.35.0/bin/linux/amd64/kubelet"


@pytest.mark.parametrize(
    ("repository", "place"),
    [
        ("", RELEASE),
        ("https://files.example.com", "https://files.example.com/release/v1.35.0/bin/linux/amd64/kubelet"),
        (
            "https://files.example.com/a/b/",
            "https://files.example.com/a/b/release/v1.35.0/bin/linux/amd64/kubelet",
        ),
        ("s3://bucket/dir", "s3://bucket/dir/release/v1.35.0/bin/linux/amd64/kubelet"),
        (
            "http://files.example.com:8080/x y/a,b",
            "http://files.example.com:8080/x%20y/a%2Cb/release/v1.35.0/bin/linux/amd64/kubelet",
        ),
        ("https://dl.k8s.io/elsewhere", RELEASE),
    ],
)
def test_a_file_repository_has_the_whole_path_of_the_original(repository: str, place: str) -> None:
    assert in_repository(repository, RELEASE) == place


def test_every_download_and_image_comes_from_the_clusters_own_copies() -> None:
    inputs = changed(
        case_inputs("minimal-aws"),
        assets={
            "fileRepository": "https://files.example.com/mirror",
            "containerRegistry": "registry.example.com/k8s",
        },
    )
    for resource in desired_resources(infer(inputs), SETTINGS).resources:
        if isinstance(resource, ManagedFile | LaunchTemplate) and resource.name != "cluster-completed.spec":
            text = _text(resource)
            for origin in ("dl.k8s.io/release", "artifacts.k8s.io", "github.com/", "image: registry.k8s.io"):
                assert origin not in text, resource.key
            assert "reference: registry.k8s.io" not in text


def _text(resource: ManagedFile | LaunchTemplate) -> str:
    content = resource.user_data if isinstance(resource, LaunchTemplate) else resource.contents
    found = content.resolve(lambda ref: str(ref.key)) if isinstance(content, Template) else content
    return found or ""


def test_etcd_manager_gets_what_the_user_set() -> None:
    etcd: Value = [
        {
            "name": name,
            "version": "3.6.99",
            "image": "own/etcd:v3.6.99",
            "cpuRequest": "1",
            "etcdMembers": [{"name": "a", "instanceGroup": "master-us-test-1a"}],
            "manager": {"logLevel": 0, "backupInterval": "90m", "env": [{"name": "ETCD_X", "value": "1"}]},
        }
        for name in ("main", "events")
    ]
    state = desired_resources(
        infer(changed(case_inputs("minimal-aws"), etcdClusters=etcd)), SETTINGS
    ).by_key()
    manifest = state[Key("ManagedFile", "manifests-etcdmanager-events-master-us-test-1a")]
    assert isinstance(manifest, ManagedFile)
    text = _text(manifest)
    for line in (
        "- --v=0",
        "- --backup-interval=1h30m0s",
        "- name: ETCD_X",
        "reference: own/etcd:v3.6.99",
        'cpu: "1"',
    ):
        assert line in text
    assert text.count("mountPath: /opt/etcd-v") == 1
