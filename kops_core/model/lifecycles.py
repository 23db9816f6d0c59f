"""``--phase`` and ``--lifecycle-overrides``: lifecycles of resources when only a part is applied."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace

from kops_core.errors import UsageError
from kops_core.model.build import DesiredState
from kops_core.model.kind_spec import Phase
from kops_core.model.resource import Lifecycle, Resource

OTHER_NAMES = {"iam": Phase.SECURITY}
"""Former names of phases."""

NOT_OURS = frozenset(
    {"ClassicLoadBalancer", "Instance", "MirrorKeystore", "MirrorSecrets", "BootstrapScript"}
)
"""kOps' names of tasks that have no resource here; they may be overridden, which changes nothing."""


@dataclass(frozen=True)
class Part:
    """The part of a cluster that a plan covers; the rest is left alone."""

    phase: Phase | None = None
    overrides: Mapping[str, Lifecycle] = field(default_factory=dict)
    """By kind."""
    groups: frozenset[str] | None = None
    """Names of instance groups; None for all of them."""

    @property
    def whole(self) -> bool:
        """Whether it is the whole cluster."""
        return self.phase is None and not self.overrides and self.groups is None


WHOLE = Part()


def read_phase(text: str) -> Phase | None:
    """A phase by its name; None for "", all of them. Raises UsageError."""
    name = text.lower()
    if not name:
        return None
    if name in OTHER_NAMES:
        return OTHER_NAMES[name]
    try:
        return Phase(name)
    except ValueError:
        known = ", ".join(each.value for each in Phase)
        raise UsageError(f"there is no phase {text!r}", remedy=f"phases: {known}") from None


def read_overrides(texts: Sequence[str], kinds: Collection[str]) -> dict[str, Lifecycle]:
    """Overrides written like ``<kind>=Ignore``, by kind. Raises UsageError."""
    found: dict[str, Lifecycle] = {}
    for text in texts:
        kind, sign, name = text.strip().partition("=")
        if not sign or kind not in {*kinds, *NOT_OURS}:
            raise UsageError(
                f"{text!r} does not name a kind of resource",
                remedy=f"write it like {next(iter(kinds), 'Kind')}=Ignore; kinds: " + ", ".join(kinds),
            )
        try:
            found[kind] = Lifecycle(name)
        except ValueError:
            known = ", ".join(each.value for each in Lifecycle)
            raise UsageError(f"there is no lifecycle {name!r}", remedy=f"lifecycles: {known}") from None
    return found


def narrowed(desired: DesiredState, part: Part) -> DesiredState:
    """The desired state with the lifecycles of a part applied to its resources."""
    if part.whole:
        return desired
    found = with_lifecycles(desired, part.phase, part.overrides)
    if part.groups is None:
        return found
    return replace(
        found,
        resources=tuple(
            replace(each, lifecycle=Lifecycle.IGNORE)
            if each.instance_group and each.instance_group not in part.groups
            else each
            for each in found.resources
        ),
    )


def with_lifecycles(
    desired: DesiredState, phase: Phase | None = None, overrides: Mapping[str, Lifecycle] | None = None
) -> DesiredState:
    """The desired state with the lifecycles of a phase, then of the overrides.

    Earlier phases have to be applied, perhaps by somebody else; later ones are left alone.
    """
    return replace(
        desired,
        resources=tuple(_with_lifecycle(each, phase, overrides or {}) for each in desired.resources),
    )


def _with_lifecycle(resource: Resource, phase: Phase | None, overrides: Mapping[str, Lifecycle]) -> Resource:
    kind = resource.key.kind
    if kind in overrides:
        return replace(resource, lifecycle=overrides[kind])
    if phase is None:
        return resource
    made_in = resource.spec.phase_of(resource)
    return replace(resource, lifecycle=_IN_PHASE[phase].get(made_in, resource.lifecycle))


_IN_PHASE: Mapping[Phase, Mapping[Phase, Lifecycle]] = {
    Phase.NETWORK: {Phase.SECURITY: Lifecycle.IGNORE, Phase.CLUSTER: Lifecycle.IGNORE},
    Phase.SECURITY: {
        Phase.NETWORK: Lifecycle.EXISTS_AND_WARN_IF_CHANGES,
        Phase.CLUSTER: Lifecycle.IGNORE,
    },
    Phase.CLUSTER: {
        Phase.NETWORK: Lifecycle.EXISTS_AND_VALIDATES,
        Phase.SECURITY: Lifecycle.EXISTS_AND_VALIDATES,
    },
}
"""The lifecycles of resources of the other phases, by the phase being applied."""
