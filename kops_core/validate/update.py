"""Validation of changes of an existing cluster. Facts: kOps' pkg/apis/kops/validation/cluster.go."""

from __future__ import annotations

from collections.abc import Collection

from kops_core.api.values import Tree
from kops_core.errors import FieldError
from kops_core.validate.common import check_cloud_labels
from kops_core.validate.field import Field, Findings, document


def validate_cluster_update(
    cluster: Tree, before: Tree, *, etcd_created: Collection[str] = ()
) -> list[FieldError]:
    """The errors of a changed Cluster document: fields that can't change.

    etcd_created: names of the etcd clusters whose volumes exist in the cloud; image and members of those
    can't change.
    """
    new, old = document(cluster).at("spec"), document(before).at("spec")
    was = set(check_cloud_labels(old.at("cloudLabels")))
    labels = [error for error in check_cloud_labels(new.at("cloudLabels")) if error not in was]
    return list(dict.fromkeys([*_etcd(new, old, etcd_created), *labels]))


def _etcd(new: Field, old: Field, etcd_created: Collection[str]) -> Findings:
    kept = _by_name(new.at("etcdClusters"))
    for name, before in _by_name(old.at("etcdClusters")).items():
        now = kept.get(name)
        if now is None:
            yield new.at("etcdClusters").forbidden(f"the etcd cluster {name} can't be removed: put it back")
        elif name in etcd_created:
            yield from _check_etcd_unchanged(now, before)


def _check_etcd_unchanged(now: Field, before: Field) -> Findings:
    image, version = now.at("image"), now.at("version")
    if image.text != before.at("image").text:
        yield image.forbidden("the image of an etcd cluster can't be changed: put it back")
    if image.text and version.text != before.at("version").text:
        yield version.forbidden("with an image of your own the version can't be changed: put it back")
    members, new = _by_name(before.at("etcdMembers")), _by_name(now.at("etcdMembers"))
    gone = {member.at("instanceGroup").text: name for name, member in members.items() if name not in new}
    for name, member in new.items():
        group = member.at("instanceGroup")
        if name in members and group.text != members[name].at("instanceGroup").text:
            yield group.forbidden("a member can't move to another instance group: put it back")
        elif name not in members and group.text and group.text in gone:
            # kOps allows it, and creates an empty volume for the new name without the data.
            yield member.at("name").forbidden(
                f"the member {gone[group.text]} can't be renamed, its data is in a volume of that name:"
                " put it back"
            )


def _by_name(items: Field) -> dict[str, Field]:
    return {item.at("name").text: item for item in items.items}
