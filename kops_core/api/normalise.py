"""An object as kOps sees it once it was read: what inference starts from.

kOps converts what it reads to its internal type and back. That drops what the Go types
can't hold, sets a few defaults and settles the spelling of others. Each change is
noted with its reason, so that nothing goes without a word.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final

from kops_core.api.canonical import own_kind, shaped
from kops_core.api.conversion.table import POLICY_ROLES, ROLES
from kops_core.api.path import Parts, drop, get, leaves, put
from kops_core.api.schema import schema
from kops_core.api.values import UNSET, Maybe, Tree, Value
from kops_core.errors import UsageError


@dataclass(frozen=True)
class Note:
    """A change made on reading."""

    path: Parts
    reason: str
    before: Maybe
    """UNSET if the value was added."""
    after: Maybe
    """UNSET if the value was dropped."""


def normalise(tree: Tree) -> tuple[Tree, tuple[Note, ...]]:
    """The object after kOps read it, and every change with its reason; it must be valid.

    Objects of kinds that kOps does not have come back as they are.
    """
    kind = own_kind(tree)
    if not kind:
        return tree, ()
    notes: list[Note] = []
    result = _formed(tree, kind, notes)
    formed = result
    for reason, step in _STEPS.get(kind, ()):
        changed = step(result)
        if changed is not result:
            notes.extend(Note(at, reason, before, after) for at, before, after in _changes(result, changed))
            result = changed
    return (result if result is formed else _formed(result, kind, notes)), tuple(notes)


def _formed(tree: Tree, kind: str, notes: list[Note]) -> Tree:
    formed = shaped(tree, kind)
    notes.extend(
        Note(at, _why(kind, at, before, after), before, after) for at, before, after in _changes(tree, formed)
    )
    return formed


def _changes(before: Tree, after: Tree) -> Iterator[tuple[Parts, Maybe, Maybe]]:
    old, new = dict(leaves(before)), dict(leaves(after))
    for at, value in old.items():
        now = get(after, at)
        if now is UNSET or type(now) is not type(value) or (at in new and now != value):
            yield at, value, now
    for at, value in new.items():
        if get(before, at) is UNSET:
            yield at, UNSET, value


def _why(kind: str, at: Parts, before: Maybe, after: Maybe) -> str:
    if before is UNSET:
        return "kOps writes this field even where it is not set"
    if after is not UNSET:
        return "kOps' form of the same value"
    if before is None:
        return "null is the same as unset"
    try:
        fields = [schema().field(kind, at[:end]) for end in range(1, len(at) + 1)]
    except UsageError:
        return "kOps has no such field and ignores it"
    if any(field.zero == "lost" for field in fields):
        return "kOps reads this field and makes no use of it"
    return "this value is the same as unset"


def _topology(spec: Tree) -> Tree:
    dns = get(spec, ("topology", "dns"))
    kind = dns.get("type") if isinstance(dns, dict) else None
    return spec if kind else put(spec, ("topology", "dns", "type"), "Public")


def _authorization(spec: Tree) -> Tree:
    value = spec.get("authorization")
    chosen = isinstance(value, dict) and any(value.get(key) is not None for key in ("rbac", "alwaysAllow"))
    return spec if chosen else put(spec, ("authorization", "rbac"), {})


def _flannel(spec: Tree) -> Tree:
    flannel = get(spec, ("networking", "flannel"))
    if not isinstance(flannel, dict) or flannel.get("backend"):
        return spec
    return put(spec, ("networking", "flannel", "backend"), "udp")


def _networking(spec: Tree) -> Tree:
    value = spec.get("networking")
    empty = isinstance(value, dict) and all(item is None for item in value.values())
    return drop(spec, ("networking",)) if empty else spec


def _api(spec: Tree) -> Tree:
    value = spec.get("api")
    empty = isinstance(value, dict) and all(item is None for item in value.values())
    return drop(spec, ("api",)) if empty else spec


def _project(spec: Tree) -> Tree:
    return drop(spec, ("project",)) if spec.get("project") and spec.get("cloudProvider") != "gce" else spec


def _cloud_config(spec: Tree) -> Tree:
    result = spec
    cloud = spec.get("cloudProvider")
    if cloud == "gce" and spec.get("cloudConfig") is None:
        result = put(result, ("cloudConfig",), {})
    for other in ("azure", "openstack"):
        at = ("cloudConfig", other)
        present = get(result, at)
        if cloud == other and not isinstance(present, dict):
            result = put(result, at, {})
        elif cloud != other and present is not UNSET:
            result = drop(result, at)
    return result


def _external_dns(spec: Tree) -> Tree:
    value = spec.get("externalDns")
    if not isinstance(value, dict) or not (value.get("disable") or value.get("provider") == "none"):
        return spec
    settled: Tree = {key: item for key, item in value.items() if key != "provider"}
    settled["disable"] = True
    return spec if settled == value else put(spec, ("externalDns",), settled)


def _oidc(spec: Tree) -> Tree:
    server = spec.get("kubeAPIServer")
    if not isinstance(server, dict):
        return spec
    names = [name for name in server if name.startswith("oidc") and server[name] not in (None, [])]
    if not names:
        return spec
    result = spec
    if not isinstance(spec.get("authentication"), dict):
        result = put(result, ("authentication",), {})
    claims = server.get("oidcRequiredClaim")
    if isinstance(claims, list):
        last = {str(claim).partition("=")[0]: str(claim) for claim in claims}
        settled: list[Value] = [*sorted(last.values())]
        if settled != claims:
            result = put(result, ("kubeAPIServer", "oidcRequiredClaim"), settled)
    return result


def _policies(spec: Tree) -> Tree:
    result = spec
    names = {new: old for old, new in POLICY_ROLES.items()}
    for field in ("additionalPolicies", "externalPolicies"):
        value = spec.get(field)
        if isinstance(value, dict) and any(key in names for key in value):
            result = put(result, (field,), {names.get(key, key): item for key, item in value.items()})
    return result


def _role(role: Value) -> Value:
    return _V1ALPHA2_ROLES.get(role, role) if isinstance(role, str) else role


def _hook_roles(spec: Tree) -> Tree:
    result = spec
    hooks = spec.get("hooks")
    for position, hook in enumerate(hooks if isinstance(hooks, list) else []):
        roles = hook.get("roles") if isinstance(hook, dict) else None
        if isinstance(roles, list) and any(role in _V1ALPHA2_ROLES for role in roles):
            result = put(result, ("hooks", position, "roles"), [_role(role) for role in roles])
    return result


def _group_role(spec: Tree) -> Tree:
    role = spec.get("role")
    return put(spec, ("role",), _role(role)) if role in _V1ALPHA2_ROLES else spec


def _in_spec(step: Callable[[Tree], Tree]) -> Callable[[Tree], Tree]:
    def whole(tree: Tree) -> Tree:
        spec = tree.get("spec")
        before: Tree = spec if isinstance(spec, dict) else {}
        after = step(before)
        return tree if after is before else {**tree, "spec": after}

    return whole


_V1ALPHA2_ROLES: Final = {new: old for old, new in ROLES.items()}

_STEPS: Final[dict[str, tuple[tuple[str, Callable[[Tree], Tree]], ...]]] = {
    "Cluster": (
        ("kOps' default on reading: DNS is public", _in_spec(_topology)),
        ("kOps' default on reading: RBAC", _in_spec(_authorization)),
        ("kOps' default on reading: flannel without a backend is udp", _in_spec(_flannel)),
        ("no network plugin is chosen in it", _in_spec(_networking)),
        ("neither dns nor loadBalancer is chosen in it", _in_spec(_api)),
        ("only clusters on gce have a project", _in_spec(_project)),
        ("kOps keeps the configuration of the cluster's own cloud", _in_spec(_cloud_config)),
        ("a disabled external DNS has no provider", _in_spec(_external_dns)),
        ("kOps keeps OIDC claims sorted, one a name, under an authentication", _in_spec(_oidc)),
        ("v1alpha2 calls the control plane's policies master", _in_spec(_policies)),
        ("v1alpha2 calls the role Master", _in_spec(_hook_roles)),
    ),
    "InstanceGroup": (
        ("v1alpha2 calls the role Master", _in_spec(_group_role)),
        ("v1alpha2 calls the role Master", _in_spec(_hook_roles)),
    ),
}
