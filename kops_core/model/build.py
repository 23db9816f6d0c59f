"""Builds the desired resources of cloud and store from the completed specs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from kops_core.errors import KopsError
from kops_core.infer.inference import Inference
from kops_core.model.context import Context, ModelSettings
from kops_core.model.resource import Resource
from kops_core.model.template import Key


class ModelFault(KopsError):
    """The desired resources contradict each other: a bug of the program."""


@dataclass(frozen=True)
class DesiredState:
    """All desired resources of a cluster."""

    cluster: str
    resources: tuple[Resource, ...]
    """Each key once, in a stable order."""

    def by_key(self) -> Mapping[Key, Resource]:
        """The resources by their keys."""
        return {resource.key: resource for resource in self.resources}


def desired_resources(inference: Inference, settings: ModelSettings) -> DesiredState:
    """The desired resources of a completed spec.

    Raises InvalidSpec for a spec that can't be built,
    MissingFact
    for a cloud fact that was not read, ModelFault if builders contradict each other, refer to a resource that
    none builds, or share one that can't be shared.
    """
    context = Context(inference, settings)
    found: dict[Key, Resource] = {}
    for build in settings.cloud.builders:
        for resource in build(context):
            known = found.setdefault(resource.key, resource)
            if known != resource:
                raise ModelFault(f"{resource.key} is asked for twice, differently")
    for resource in found.values():
        if resource.shared and not resource.spec.shareable:
            raise ModelFault(f"{resource.key} is of a kind that can't be shared")
        for ref in resource.refs():
            if ref.key not in found:
                raise ModelFault(f"{resource.key} refers to {ref.key}, which nothing makes")
    return DesiredState(context.name, tuple(_in_order(found)))


def _in_order(found: Mapping[Key, Resource]) -> Iterator[Resource]:
    """The resources with the dependencies that are not references.

    Machines start last: what they read, mount and send traffic through exists when they boot.
    """
    at_boot = tuple(key for key, each in found.items() if each.spec.needed_at_boot)
    by_kind: dict[type[Resource], tuple[Key, ...]] = {}
    for resource in found.values():
        first = by_kind.get(type(resource))
        if first is None:
            kinds = resource.spec.depends_on
            first = tuple(key for key, each in found.items() if type(each) in kinds)
            by_kind[type(resource)] = first = first + at_boot if resource.spec.starts_machines else first
        yield replace(resource, depends_on=first) if first else resource
