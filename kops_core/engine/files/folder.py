"""Stores clusters as the files of a folder have them, unless somebody changed the store by hand since.

Three states are compared, object by object: what the folder wrote last, what is stored now, and what the
folder says now. If the first two differ, the store was changed by hand, and nothing is written.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from kops_core.api.path import get, parse, set_at
from kops_core.api.values import UNSET, Tree
from kops_core.engine.files.manifests import Bundle, Settle, StoreNew
from kops_core.engine.operations.spec_history import document_differences
from kops_core.engine.workspace.draft import CLUSTER, documents_of
from kops_core.errors import ObjectNotFound, Refused, StoreError, UsageError
from kops_core.store.conflict import changed
from kops_core.store.folder_record import read_folder_record, write_folder_record
from kops_core.store.identity import created_at
from kops_core.store.layout import ADDITIONAL_OBJECTS
from kops_core.store.metadata import labelled
from kops_core.store.reading import StoredCluster
from kops_core.store.revisions import Revisions
from kops_core.store.state import StateStore

_SETTLED = (
    "spec.kubernetesVersion",
    "spec.masterPublicName",
    "spec.networkCIDR",
    "spec.nonMasqueradeCIDR",
    "spec.egressProxy.excludes",
)
"""Fields of a Cluster that are stored when it is created; a folder may leave them out."""
_SETTLED_IN_SUBNETS = ("zone", "cidr")


@dataclass(frozen=True)
class FolderResult:
    """What a folder changed in the store, for one cluster."""

    cluster: str
    differences: tuple[str, ...]
    """The fields that were changed, a line each."""
    kept: tuple[str, ...] = ()
    """Instance groups of the store that the folder does not have."""


def store_folder(
    store: StateStore,
    name: str,
    bundle: Bundle,
    *,
    overwrite: bool = False,
    settle: Settle,
    store_new: StoreNew,
) -> FolderResult:
    """I/O. Stores one cluster as the files have it; instance groups that they do not have stay.

    overwrite: also over changes by hand, and over a cluster that no folder wrote before. Raises UsageError
    for files without the Cluster, Refused, with the difference, if somebody else changed the store,
    InvalidSpec.
    """
    if bundle.cluster is None:
        raise UsageError("the folder has no Cluster", where=name, remedy="add its document to the folder")
    try:
        before = store.read_cluster(name, whatever=True)
    except ObjectNotFound:
        store_new(settle(bundle.cluster, bundle.groups), bundle)
        stored = store.read_cluster(name)
        _remember(store, stored)
        return FolderResult(name, tuple(document_differences({}, documents_of(stored))))
    wanted = replace(
        bundle,
        cluster=settle(with_settled(bundle.cluster, before.cluster), bundle.groups),
        groups={group: labelled(tree, name) for group, tree in bundle.groups.items()},
    )
    if not overwrite:
        _expect_unchanged_by_hand(store, before, wanted)
    missing = tuple(group for group in before.instance_groups if group not in wanted.groups)
    after = store.replace(
        before,
        cluster=wanted.cluster,
        instance_groups={**before.instance_groups, **wanted.groups},
        additional_objects=bundle.additional or None,
        what="apply a folder",
    )
    _remember(store, after)
    found = document_differences(documents_of(before), documents_of(after))
    return FolderResult(name, tuple(found), missing)


def with_settled(wanted: Tree, stored: Tree) -> Tree:
    """A Cluster with the values that were stored when it was created, where it leaves them out."""
    done = wanted
    for text in _SETTLED:
        done = _filled(done, text, stored, text)
    subnets, known = get(done, parse("spec.subnets")), get(stored, parse("spec.subnets"))
    places = {
        each.get("name"): place
        for place, each in enumerate(known if isinstance(known, list) else ())
        if isinstance(each, dict)
    }
    for place, each in enumerate(subnets if isinstance(subnets, list) else ()):
        if isinstance(each, dict) and each.get("name") in places:
            for field in _SETTLED_IN_SUBNETS:
                there = f"spec.subnets[{places[each.get('name')]}].{field}"
                done = _filled(done, f"spec.subnets[{place}].{field}", stored, there)
    return done


def _filled(tree: Tree, path: str, stored: Tree, there: str) -> Tree:
    value = get(stored, parse(there))
    if get(tree, parse(path)) not in (UNSET, None, "") or value in (UNSET, None, ""):
        return tree
    return set_at(tree, parse(path), value)


def _expect_unchanged_by_hand(store: StateStore, before: StoredCluster, wanted: Bundle) -> None:
    now = {key: each for key, each in before.objects.items() if key != ADDITIONAL_OBJECTS}
    last = read_folder_record(store.backend, before.name, created=created_at(before.cluster))
    documents = {CLUSTER: wanted.cluster or {}, **wanted.groups}
    if last is None:
        stored = documents_of(before)
        found = document_differences(stored, {**stored, **documents})
        if found:
            raise Refused(
                f"the cluster was not written from this folder before, and differs from it: {_some(found)}",
                where=before.name,
                remedy="write it over with --overwrite, or take the stored specs into the folder first: "
                "kops-tui get all -o yaml",
            )
        return
    revisions = Revisions(store.backend, before.name)
    for key in sorted({*last, *now}):
        was, there = last.get(key), now.get(key)
        if was == (there.data if there else None):
            continue
        name = CLUSTER if key == "config" else key.rpartition("/")[2]
        if there is None and name not in documents:
            continue  # deleted, and the folder does not have it either
        if there is not None and not document_differences(
            {name: documents_of(before).get(name, {})}, {name: documents.get(name, {})}
        ):
            continue  # the folder says the same by now
        why = (
            changed(store.backend, revisions, before.name, key, replace(there, data=was)).what
            if there is not None and was is not None
            else "it was added by hand"
            if there is not None
            else "it was deleted by hand"
        )
        raise Refused(
            f"the store was changed since the folder was applied last: {why}",
            where=f"{store.backend.url}/{before.name}/{key}",
            remedy="take the change into the folder, or write it over with --overwrite",
        )


def _remember(store: StateStore, stored: StoredCluster) -> None:
    specs = {key: each.data for key, each in stored.objects.items() if key != ADDITIONAL_OBJECTS}
    try:
        write_folder_record(store.backend, stored.name, created=created_at(stored.cluster), specs=specs)
    except StoreError as error:
        raise StoreError(
            f"the specs are stored, but not that they came from this folder: {error.what}",
            where=error.where,
            remedy="apply the folder again with --overwrite",
        ) from error


def _some(found: list[str]) -> str:
    more = [f"and {len(found) - 8} more"] if len(found) > 8 else []
    return "; ".join([*found[:8], *more])
