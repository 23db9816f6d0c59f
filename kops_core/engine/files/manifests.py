"""Stores objects from files: create and replace, as kOps' ``create -f`` and ``replace -f``."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from kops_core.api.documents import Document
from kops_core.api.names import CLUSTER, GROUP, name_problem
from kops_core.api.path import get
from kops_core.api.ssh import md5_fingerprint
from kops_core.api.values import Tree
from kops_core.errors import FieldError, InvalidSpec, ObjectNotFound, UsageError
from kops_core.store.layout import CLUSTER_LABEL, instance_group
from kops_core.store.reading import StoredCluster
from kops_core.store.state import StateStore


@dataclass
class Bundle:
    """The objects in files for one cluster."""

    cluster: Tree | None = None
    groups: dict[str, Tree] = field(default_factory=dict)
    ssh_public_keys: list[str] = field(default_factory=list)
    additional: list[Tree] = field(default_factory=list)


def bundles(documents: Sequence[Document]) -> dict[str, Bundle]:
    """The documents by cluster. An instance group names its cluster with a label, unless there is only one.

    Raises InvalidSpec for one that names none, and for invalid names.
    """
    wrong = [error for document in documents for error in _name_errors(document)]
    if wrong:
        raise InvalidSpec(wrong)
    found: dict[str, Bundle] = {each.name: Bundle(each.tree) for each in documents if each.kind == "Cluster"}
    only = next(iter(found)) if len(found) == 1 else ""
    errors: list[FieldError] = []
    for document in documents:
        if document.kind == "Cluster":
            continue
        label = get(document.tree, ("metadata", "labels", CLUSTER_LABEL))
        owner = label if isinstance(label, str) else only
        if not owner:
            path = f'metadata.labels["{CLUSTER_LABEL}"]'
            message = f"say which cluster the {document.kind} {document.name} belongs to"
            errors.append(FieldError("Required value", path, message, document.source, document.first_line))
            continue
        bundle = found.setdefault(owner, Bundle())
        if document.kind == "InstanceGroup" and document.is_ours:
            bundle.groups[document.name] = document.tree
        elif document.kind == "SSHCredential" and document.is_ours:
            bundle.ssh_public_keys.append(str(get(document.tree, ("spec", "publicKey"))))
        elif document.is_ours:
            raise UsageError(
                f"objects of kind {document.kind} have a command of their own", where=document.name
            )
        else:
            bundle.additional.append(document.tree)
    if errors:
        raise InvalidSpec(errors)
    return found


def _name_errors(document: Document) -> list[FieldError]:
    kind = {"Cluster": CLUSTER, "InstanceGroup": GROUP}.get(document.kind) if document.is_ours else None
    problem = name_problem(kind, document.name) if kind else ""
    if not problem:
        return []
    return [FieldError("Invalid value", "metadata.name", problem, document.source, document.first_line)]


Settle = Callable[[Tree, Mapping[str, Tree]], Tree]
"""From a new cluster and its instance groups to the cluster to be stored."""


StoreNew = Callable[[Tree, Bundle], object]
"""Stores a new cluster with the other objects of its bundle."""


def create(store: StateStore, wanted: Mapping[str, Bundle], settle: Settle, store_new: StoreNew) -> list[str]:
    """Stores new clusters, and new instance groups of existing clusters.

    Everything is checked before the first object is written, and clusters come before groups of others.
    Raises ObjectExists, InvalidSpec. Returns the created objects, as ``kind/name``.
    """
    new: dict[str, Tree] = {}
    added: dict[str, tuple[StoredCluster, dict[str, Tree]]] = {}
    for name, bundle in wanted.items():
        for key in bundle.ssh_public_keys:
            md5_fingerprint(key)
        if bundle.cluster is not None:
            new[name] = settle(bundle.cluster, bundle.groups)
            store.expect_creatable(new[name], list(bundle.groups.values()))
        else:
            before = store.read_cluster(name)
            twice = [group for group in bundle.groups if group in before.instance_groups]
            if twice:
                raise UsageError(
                    f"there is an instance group {twice[0]} already",
                    where=name,
                    remedy="use replace, or another name",
                )
            groups = {**before.instance_groups, **bundle.groups}
            store.expect_accepted(before, instance_groups=groups)
            added[name] = before, groups
    done: list[str] = []
    for name, cluster in new.items():
        store_new(cluster, wanted[name])
        done += [f"cluster/{name}", *(f"instancegroup/{group}" for group in wanted[name].groups)]
    for name, (before, groups) in added.items():
        names = wanted[name].groups
        store.replace(before, instance_groups=groups, what=f"create {', '.join(names)}")
        done += [f"instancegroup/{group}" for group in names]
    return done


def replace(
    store: StateStore, wanted: Mapping[str, Bundle], settle: Settle, store_new: StoreNew, *, force: bool
) -> list[str]:
    """Replaces existing objects; ``force`` creates missing ones. Groups that are not in the files are kept.

    Everything is checked before the first object is written. Raises ObjectNotFound, InvalidSpec; returns
    the stored objects, as ``kind/name``.
    """
    missing: dict[str, Bundle] = {}
    there: dict[str, tuple[StoredCluster, dict[str, Tree]]] = {}
    for name, bundle in wanted.items():
        try:
            before = store.read_cluster(name, whatever=True)
        except ObjectNotFound:
            if not force or bundle.cluster is None:
                raise
            missing[name] = bundle
            continue
        if bundle.cluster is None and not before.cluster:
            raise before.errors[0]
        new = [group for group in bundle.groups if instance_group(group) not in before.objects]
        if new and not force:
            raise ObjectNotFound(
                f"there is no instance group {new[0]}", where=name, remedy="use --force to create it"
            )
        groups = {**before.instance_groups, **bundle.groups}
        store.expect_accepted(before, cluster=bundle.cluster, instance_groups=groups)
        there[name] = before, groups
    done = create(store, missing, settle, store_new)
    for name, (before, groups) in there.items():
        bundle = wanted[name]
        store.replace(
            before,
            cluster=bundle.cluster,
            instance_groups=groups,
            additional_objects=bundle.additional or None,
            what="replace from files",
        )
        done += [f"cluster/{name}"] if bundle.cluster is not None else []
        done += [f"instancegroup/{group}" for group in bundle.groups]
    return done


def clusters_of(wanted: Mapping[str, Bundle]) -> list[str]:
    """The clusters in files, to be deleted. Raises UsageError for a group without its cluster."""
    for name, bundle in wanted.items():
        if bundle.cluster is None:
            raise UsageError("only whole clusters are deleted by file", where=name)
    return list(wanted)
