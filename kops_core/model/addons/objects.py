"""Functions that build Kubernetes objects, for add-ons.

Keyword arguments are fields by their Kubernetes names; None leaves a field out, so that conditions need no
branches. ``or_null`` lists fields that are written as null, since kOps compares the text of the stored
manifest. Lists of words, as in RBAC rules, are one text separated by blanks.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import TypeAlias, TypeVar

from kops_core.api import quantity
from kops_core.model.documents import Document

Object: TypeAlias = dict[str, Document]
Words: TypeAlias = Mapping[str, str]
_T = TypeVar("_T")
_NUMBER = re.compile(r"\d+(?:e-?\d+)?\Z", re.ASCII)
"""The text of a quantity that YAML reads as a number."""

KUBE_SYSTEM = "kube-system"

EVERY_TAINT: Object = {"operator": "Exists"}
"""The toleration of every taint."""
SPC: Object = {"type": "spc_t", "level": "s0"}
"""SELinux options of a container that SELinux does not confine."""


def fields(**named: Document) -> Object:
    """A structure of the fields that are set."""
    return _set(named)


def _set(named: Mapping[str, Document]) -> Object:
    return {name: value for name, value in named.items() if value is not None}


def or_null(named: Mapping[str, Document], names: str) -> Object:
    """The structure, with null for missing ones of some fields (joined by blanks)."""
    return {**dict.fromkeys(names.split()), **named}


def only(condition: object, *items: _T) -> list[_T]:
    """The items if a condition holds, else an empty list."""
    return list(items) if condition else []


def thing(
    api: str,
    kind: str,
    name: str,
    namespace: str | None = KUBE_SYSTEM,
    *,
    labels: Words | None = None,
    annotations: Words | None = None,
    **rest: Document,
) -> Object:
    """An object; ``namespace`` is None for cluster-wide ones, and an empty name is left out."""
    metadata = fields(name=name or None, namespace=namespace, labels=labels, annotations=annotations)
    return {"apiVersion": api, "kind": kind, "metadata": metadata, **_set(rest)}


# Objects without pods


def config_map(
    name: str, data: Words, namespace: str = KUBE_SYSTEM, *, labels: Words | None = None
) -> Object:
    """A ConfigMap."""
    return thing("v1", "ConfigMap", name, namespace, labels=labels, data=data)


def service(
    name: str,
    selector: Words,
    *ports: Object,
    labels: Words | None = None,
    annotations: Words | None = None,
    **spec: Document,
) -> Object:
    """A Service."""
    return thing(
        "v1",
        "Service",
        name,
        labels=labels,
        annotations=annotations,
        spec={"selector": selector, "ports": ports, **_set(spec)},
    )


def service_port(
    port: int,
    name: str | None = None,
    target: int | str | None = None,
    protocol: str | None = None,
    **rest: Document,
) -> Object:
    """A port of a service and the container's port behind it, by number or name."""
    return fields(name=name, port=port, targetPort=target, protocol=protocol, **rest)


def disruption_budget(
    name: str,
    selector: Words,
    *,
    labels: Words | None = None,
    maxUnavailable: int | str | None = 1,
    **spec: Document,
) -> Object:
    """A PodDisruptionBudget."""
    return thing(
        "policy/v1",
        "PodDisruptionBudget",
        name,
        labels=labels,
        spec={"selector": {"matchLabels": selector}, **_set({"maxUnavailable": maxUnavailable, **spec})},
    )


# Workloads


def deployment(
    name: str, match: Words, template: Object, *, labels: Words | None = None, **spec: Document
) -> Object:
    """A Deployment."""
    whole = {**_set(spec), "selector": {"matchLabels": match}, "template": template}
    return thing("apps/v1", "Deployment", name, labels=labels, spec=whole)


def daemon_set(
    name: str,
    match: Words,
    template: Object,
    namespace: str = KUBE_SYSTEM,
    *,
    labels: Words | None = None,
    **spec: Document,
) -> Object:
    """A DaemonSet."""
    whole = {**_set(spec), "selector": {"matchLabels": match}, "template": template}
    return thing("apps/v1", "DaemonSet", name, namespace, labels=labels, spec=whole)


def pod(
    labels: Words,
    *containers: Object,
    annotations: Words | None = None,
    placement: Mapping[str, Document] | None = None,
    null: str = "",
    **spec: Document,
) -> Object:
    """The template of a pod; ``placement`` holds further fields of its specification.

    null: fields, joined by blanks, that are null where they are not set.
    """
    return {
        "metadata": fields(labels=labels, annotations=annotations or None),
        "spec": or_null({**_set(spec), **(placement or {}), "containers": containers}, null),
    }


def container(
    name: str,
    image: str,
    *,
    command: Sequence[str] | None = None,
    args: Sequence[str] | None = None,
    env: Mapping[str, str | Object] | None = None,
    ports: Sequence[Object] | None = None,
    mounts: Sequence[Object] | None = None,
    null: str = "",
    **rest: Document,
) -> Object:
    """A container. The value of a variable is a text or a source (`pod_field`, `secret_key`, ...).

    null: fields, joined by blanks, that are null where they are not set.
    """
    found = fields(
        name=name,
        image=image,
        command=command,
        args=args,
        env=[_variable(each, value) for each, value in env.items()] if env else None,
        ports=ports or None,
        volumeMounts=mounts or None,
        **rest,
    )
    return or_null(found, null)


def _variable(name: str, value: str | Object) -> Object:
    return {"name": name, "value": value} if isinstance(value, str) else {"name": name, "valueFrom": value}


def pod_field(path: str, apiVersion: str | None = None) -> Object:
    """The value of a variable: a field of the pod, e.g. ``spec.nodeName``."""
    return {"fieldRef": fields(apiVersion=apiVersion, fieldPath=path)}


def secret_key(name: str, key: str) -> Object:
    """The value of a variable: a key of a secret, if there is one."""
    return {"secretKeyRef": {"name": name, "key": key, "optional": True}}


def config_key(name: str, key: str, optional: bool | None = True) -> Object:
    """The value of a variable: a key of a ConfigMap."""
    return {"configMapKeyRef": fields(name=name, key=key, optional=optional)}


def port(number: int, name: str | None = None, protocol: str | None = None, **rest: Document) -> Object:
    """A port that a container listens on."""
    return fields(containerPort=number, name=name, protocol=protocol, **rest)


def requests(
    cpu: str | None = None, memory: str | None = None, *, limits: Words | None = None, numbers: bool = True
) -> Object:
    """The resource requests of a container, and its limits.

    numbers: quantities without a unit are written as
    numbers, even with an exponent, as in most of kOps' manifests.
    """

    def amount(text: str) -> Document:
        if not numbers or _NUMBER.match(text) is None:
            return text
        value = quantity.parse(text).value
        return int(value) if value % 1 == 0 else float(value)

    asked = {name: amount(text) for name, text in (("cpu", cpu), ("memory", memory)) if text is not None}
    most = None if limits is None else {name: amount(text) for name, text in limits.items()}
    return fields(requests=asked, limits=most)


def http_probe(
    path: str, port: int | str, *, scheme: str | None = None, host: str | None = None, **rest: Document
) -> Object:
    """A probe by HTTP."""
    return {"httpGet": fields(path=path, port=port, scheme=scheme, host=host), **_set(rest)}


def mount(name: str, path: str, **rest: Document) -> Object:
    """A volume mount of a container."""
    return fields(name=name, mountPath=path, **rest)


def host_path(name: str, path: str, kind: str | None = None) -> Object:
    """A volume of a path of the node; ``kind``: what has to exist there or is created."""
    return {"name": name, "hostPath": fields(path=path, type=kind)}


def config_volume(name: str, source: str | None = None, **rest: Document) -> Object:
    """A volume that is a ConfigMap, by default of the volume's own name."""
    return {"name": name, "configMap": fields(name=source or name, **rest)}


def secret_volume(name: str, secret: str, **rest: Document) -> Object:
    """A volume that is a secret."""
    return {"name": name, "secret": fields(secretName=secret, **rest)}


def empty_dir(name: str, **rest: Document) -> Object:
    """A volume that lives as long as the pod."""
    return {"name": name, "emptyDir": fields(**rest)}


# Placement


def tolerates(*keys: str, **rest: Document) -> list[Object]:
    """Tolerations of taints by key, whatever their value."""
    return [{"key": key, "operator": "Exists", **_set(rest)} for key in keys]


def matches(key: str, operator: str, values: str = "") -> Object:
    """A requirement of a selector, values joined by blanks."""
    return fields(key=key, operator=operator, values=values.split() or None)


def exists(key: str) -> Object:
    """The requirement that a label exists."""
    return matches(key, "Exists")


def required_nodes(*terms: Sequence[Object]) -> Object:
    """Node affinity: all requirements of at least one term must hold."""
    return {
        "requiredDuringSchedulingIgnoredDuringExecution": {
            "nodeSelectorTerms": [{"matchExpressions": term} for term in terms]
        }
    }


def spread(topology_key: str, labels: Words, *, hard: bool = False, **rest: Document) -> Object:
    """A constraint that keeps pods with some labels apart; ``hard``: rather none than two together."""
    return {
        "maxSkew": 1,
        "topologyKey": topology_key,
        "whenUnsatisfiable": "DoNotSchedule" if hard else "ScheduleAnyway",
        "labelSelector": {"matchLabels": labels},
        **_set(rest),
    }


def spread_zones_and_hosts(labels: Words) -> list[Object]:
    """Spread over zones if possible and over nodes always."""
    return [
        spread("topology.kubernetes.io/zone", labels),
        spread("kubernetes.io/hostname", labels, hard=True),
    ]


def merged(*parts: Mapping[str, _T] | None) -> dict[str, _T]:
    """Mappings merged, the last one wins."""
    return {name: value for part in parts if part for name, value in part.items()}


def each_object(*parts: Object | Iterable[Object]) -> list[Object]:
    """The objects of a manifest, from single ones and lists."""
    found: list[Object] = []
    for part in parts:
        if isinstance(part, dict):
            found.append(part)
        else:
            found.extend(part)
    return found


def admission_rule(group: str, versions: str, operations: str, resources: str, **rest: Document) -> Object:
    """A rule of a webhook configuration; words joined by blanks."""
    return {
        "apiGroups": [group],
        "apiVersions": versions.split(),
        "operations": operations.split(),
        "resources": resources.split(),
        **_set(rest),
    }
