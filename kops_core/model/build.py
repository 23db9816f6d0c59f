"""Completed specs to desired resources: what the cloud and the store should hold."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from kops_core.errors import KopsError
from kops_core.infer.inference import Inference
from kops_core.model.context import Context, ModelSettings
from kops_core.model.resource import Key, Resource


class ModelFault(KopsError):
    """The desired resources contradict each other: a fault of the program."""


@dataclass(frozen=True)
class DesiredState:
    """Everything that a cluster should have."""

    cluster: str
    resources: tuple[Resource, ...]
    """Each key once, in a stable order."""

    def by_key(self) -> Mapping[Key, Resource]:
        """The resources by their keys."""
        return {resource.key: resource for resource in self.resources}


def desired_resources(inference: Inference, settings: ModelSettings) -> DesiredState:
    """What the completed spec asks for.

    Raises InvalidSpec for a spec that can't be built, MissingFact for a cloud fact that
    nobody read, ModelFault if two builders disagree, refer to what nobody builds or share what can't be.
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
    """The resources with what has to be there first although they do not refer to it.

    Machines start last: what they read, mount and send traffic through is there when they boot.
    """
    at_boot = tuple(key for key, each in found.items() if each.spec.needed_at_boot)
    for resource in found.values():
        first = tuple(key for key, each in found.items() if type(each) in resource.spec.depends_on)
        if resource.spec.starts_machines:
            first += at_boot
        yield replace(resource, depends_on=first) if first else resource
