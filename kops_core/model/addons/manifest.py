"""Renders the manifest of an add-on: labels, images, text, and the kinds to prune.

All manifests get the same treatment as kOps gives them: labels by which channels and
pruning find the objects, and images from the cluster's own registry if it has one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence

from kops_core.api import quantity
from kops_core.api.canonical import emit
from kops_core.api.values import Value
from kops_core.model.addons.addon import PruneKind
from kops_core.model.addons.objects import Object
from kops_core.model.documents import Document, yaml_document
from kops_core.model.template import Ref, Template, YamlListEntry

MANAGED_BY = "app.kubernetes.io/managed-by"
ADDON_NAME = "addon.kops.k8s.io/name"
SEPARATOR = "\n---\n\n"
OMITTED: Mapping[str, Document] = {"readOnly": False, "initialDelaySeconds": 0, "value": ""}
"""Zero values that Kubernetes' types leave out."""

PRUNED_KINDS = (
    ("", "ConfigMap"),
    ("", "Service"),
    ("", "ServiceAccount"),
    ("admissionregistration.k8s.io", "MutatingWebhookConfiguration"),
    ("admissionregistration.k8s.io", "ValidatingWebhookConfiguration"),
    ("apps", "DaemonSet"),
    ("apps", "Deployment"),
    ("apps", "StatefulSet"),
    ("policy", "PodDisruptionBudget"),
    ("rbac.authorization.k8s.io", "ClusterRole"),
    ("rbac.authorization.k8s.io", "ClusterRoleBinding"),
    ("rbac.authorization.k8s.io", "Role"),
    ("rbac.authorization.k8s.io", "RoleBinding"),
)
"""Group and kind of objects that are pruned from a manifest.

No namespaces and no definitions, because objects of others would be deleted with them."""


def marked(objects: Iterable[Object], addon: str, selector: Mapping[str, str]) -> list[Object]:
    """The objects with the labels of an add-on. Raises ValueError if one has another value for a label."""
    return [_marked(each, addon, selector) for each in objects]


def _marked(each: Object, addon: str, selector: Mapping[str, str]) -> Object:
    metadata = structure(each.get("metadata"))
    present = structure(metadata.get("labels"))
    for name, value in selector.items():
        if present.get(name, value) != value:
            raise ValueError(f"label {name} of {metadata.get('name')} is {present[name]!r}, not {value!r}")
    labels = {**present, MANAGED_BY: "kops", ADDON_NAME: addon, **selector}
    each = {**each, "metadata": {**metadata, "labels": labels}}
    if runs_pods(each):
        spec = structure(each["spec"])
        template = structure(spec["template"])
        pod_metadata = structure(template["metadata"])
        pod_labels = {**structure(pod_metadata.get("labels")), "kops.k8s.io/managed-by": "kops"}
        each["spec"] = {**spec, "template": {**template, "metadata": {**pod_metadata, "labels": pod_labels}}}
    return each


def runs_pods(each: Object) -> bool:
    """Whether an object is a Deployment or DaemonSet."""
    return each.get("apiVersion") == "apps/v1" and each.get("kind") in ("Deployment", "DaemonSet")


def structure(value: Document) -> Object:
    """A value as a mapping; empty if it is not one."""
    return dict(value) if isinstance(value, Mapping) else {}


def items(value: Document) -> list[Document]:
    """A value as a list; empty if it is not one."""
    return list(value) if isinstance(value, Sequence) and not isinstance(value, str) else []


def through_types(pod: Object) -> Object:
    """A pod as kOps writes it after decoding into Kubernetes' types, as it does to add IAM roles."""
    found = structure(_without_unset(pod))
    for name in ("containers", "initContainers"):
        if name in found:
            found[name] = [{**structure(one), "resources": _resources(one)} for one in items(found[name])]
    return found


def _resources(container: Document) -> Object:
    """The resources of a container, with quantities as text."""
    return {
        name: {unit: _quantity(amount) for unit, amount in structure(amounts).items()}
        for name, amounts in structure(structure(container).get("resources")).items()
    }


def _quantity(amount: Document) -> str:
    """A quantity as its Go type writes it; a number is a decimal quantity."""
    return quantity.canonical(str(amount)) if isinstance(amount, int | float) else str(amount)


def _without_unset(value: Document) -> Document:
    """A tree without nulls and empty values."""
    if isinstance(value, Mapping):
        return {
            name: _without_unset(item)
            for name, item in value.items()
            if item is not None and (name not in OMITTED or item != OMITTED[name])
        }
    if isinstance(value, str | Ref | Template | YamlListEntry) or not isinstance(value, Sequence):
        return value
    return [_without_unset(item) for item in value]


def with_images(value: Document, place: Callable[[str], str]) -> Document:
    """A tree with the image of each container replaced by where the cluster pulls it from."""
    if isinstance(value, Mapping):
        return {
            name: [_placed(with_images(one, place), place) for one in items(item)]
            if name in ("containers", "initContainers") and items(item)
            else with_images(item, place)
            for name, item in value.items()
        }
    if isinstance(value, str | Ref | Template | YamlListEntry) or not isinstance(value, Sequence):
        return value
    return [with_images(item, place) for item in value]


def _placed(container: Document, place: Callable[[str], str]) -> Document:
    found = structure(container)
    image = found.get("image")
    return {**found, "image": place(image)} if isinstance(image, str) else container


def manifest_text(objects: Sequence[Object]) -> Template:
    """The manifest as YAML, objects in the order given."""
    pieces: list[str | Template] = []
    for each in objects:
        if pieces:
            pieces.append(SEPARATOR)
        pieces.append(document_text(each))
    return _without_end(Template.of(*pieces))


def _without_end(text: Template) -> Template:
    """A text without trailing blanks, as far as its end is known."""
    *head, last = text.parts or ("",)
    return Template.of(*head, last.rstrip() if isinstance(last, str) else last)


def document_text(tree: Object) -> Template:
    """A document as YAML, with its references."""
    return yaml_document(tree) if _has_references(tree) else Template.of(emit(plain(tree)))


def plain(value: Document) -> Value:
    """A tree of lists and dicts. Raises TypeError if it has references."""
    if isinstance(value, Mapping):
        return {name: plain(item) for name, item in value.items()}
    if isinstance(value, Ref | Template | YamlListEntry):
        raise TypeError("references have no plain form")
    if value is None or isinstance(value, str | int | float | bool):
        return value
    return [plain(item) for item in value]


def _has_references(value: Document) -> bool:
    if isinstance(value, Ref | Template | YamlListEntry):
        return True
    if isinstance(value, Mapping):
        return any(_has_references(item) for item in value.values())
    return isinstance(value, Sequence) and not isinstance(value, str) and any(map(_has_references, value))


def prune_rules(
    objects: Sequence[Object], addon: str, extra: Sequence[tuple[str, str]] = ()
) -> tuple[PruneKind, ...]:
    """The kinds of objects to prune, in the namespaces that the manifest uses."""
    selector = f"{ADDON_NAME}={addon},{MANAGED_BY}=kops"
    namespaces: dict[tuple[str, str], set[str]] = {}
    for each in objects:
        group, slash, _ = str(each["apiVersion"]).partition("/")
        namespace = structure(each["metadata"]).get("namespace")
        if namespace:
            kind = (group if slash else "", str(each["kind"]))
            namespaces.setdefault(kind, set()).add(str(namespace))
    return tuple(
        PruneKind(group, kind, selector, tuple(sorted(namespaces.get((group, kind), ()))))
        for group, kind in sorted([*PRUNED_KINDS, *extra])
    )
