"""New instance groups of an existing cluster."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kops_core.api.documents import read_documents
from kops_core.api.path import set_at
from kops_core.api.values import Tree
from kops_core.engine.files.inputs import channel_of, settings_tree
from kops_core.engine.workspace.draft import documents_of
from kops_core.errors import FieldError, InvalidSpec, ObjectExists
from kops_core.infer.create.group import GroupOptions, begin_group, complete_group
from kops_core.infer.facts import keyed
from kops_core.store.layout import CLUSTER_LABEL
from kops_core.store.metadata import name_of
from kops_core.validate.instance_group import validate_with_cluster

if TYPE_CHECKING:
    from kops_core.engine.cluster_services import ClusterServices
    from kops_core.store.reading import StoredCluster
    from kops_core.store.state import StateStore


def make_group(store: StateStore, cluster: str, options: GroupOptions, services: ClusterServices) -> Tree:
    """I/O. A new instance group as kOps would store it; nothing is stored.

    Raises ObjectNotFound, ObjectExists, UsageError, InvalidSpec, CloudError.
    """
    stored = _read(store, cluster)
    _expect_new(store, stored, options.name)
    settings = services.settings
    group = begin_group(options, settings.feature_flags)
    channel = channel_of(
        stored.cluster, settings, offline=settings.cloud_facts is not None, store=store.backend
    )
    facts = services.facts({**documents_of(stored), options.name: group})
    made = complete_group(
        group, stored.cluster, facts=keyed(facts), channel=channel.document, settings=settings_tree(settings)
    )
    made = set_at(made, ("metadata", "labels"), {CLUSTER_LABEL: cluster})
    _expect_valid(store, stored, made, services)
    return made


def store_group(store: StateStore, cluster: str, text: str, services: ClusterServices) -> str:
    """I/O. Stores a new instance group from its YAML; its name.

    Raises InvalidSpec with every error in it, ObjectExists, ObjectChanged.
    """
    services.expect_write("create an instance group")
    documents = read_documents(text, "instancegroup.yaml")
    if len(documents) != 1 or documents[0].kind != "InstanceGroup":
        raise InvalidSpec(
            [FieldError("Invalid value", "kind", "write exactly one InstanceGroup", "instancegroup.yaml")]
        )
    stored = _read(store, cluster)
    group = documents[0]
    _expect_new(store, stored, group.name)
    _expect_valid(store, stored, group.tree, services)
    store.replace(
        stored,
        instance_groups={**stored.instance_groups, group.name: group.tree},
        what=f"create instance group {group.name}",
    )
    return group.name


def _read(store: StateStore, cluster: str) -> StoredCluster:
    stored = store.read_cluster(cluster)
    if stored.errors:
        raise stored.errors[0]
    return stored


def _expect_valid(store: StateStore, stored: StoredCluster, group: Tree, services: ClusterServices) -> None:
    """Raises InvalidSpec with the errors of a new group, alone and beside its cluster, e.g. a missing subnet.

    Members of etcd on a new control-plane group come next: they can't be added before the group exists.
    """
    store.expect_accepted(stored, instance_groups={**stored.instance_groups, name_of(group): group})
    features = services.settings.feature_flags
    errors = validate_with_cluster(group, stored.cluster, features=features)
    if in_spec := [each for each in errors if each.path.startswith("spec")]:
        raise InvalidSpec(in_spec)


def _expect_new(store: StateStore, stored: StoredCluster, name: str) -> None:
    if name in stored.instance_groups:
        raise ObjectExists(
            f"there is an instance group {name} already",
            where=f"{store.backend.url}/{stored.name}",
            remedy=f"take another name, or change it with: kops-tui edit instancegroup {name}",
        )
