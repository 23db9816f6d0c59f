"""Settings of warm pools, from the cluster and the instance group."""

from __future__ import annotations

from dataclasses import dataclass

from kops_core.api.values import Tree
from kops_core.model.context import Context, Group, Role


@dataclass(frozen=True)
class WarmPoolSettings:
    """The warm pool of one group."""

    min_size: int = 0
    max_size: int | None = None
    """None for the group's maximum; 0 for no warm pool."""
    lifecycle_hook: bool = False
    hook_timeout: int = 600
    """Seconds."""

    @property
    def enabled(self) -> bool:
        """Whether there is one."""
        return self.max_size != 0


def warm_pool(c: Context, group: Group) -> WarmPoolSettings:
    """A group's warm pool: its own settings, then the cluster's (not for control plane and bastions)."""
    cluster: Tree | None = c.read.mapping("spec.warmPool") if c.present("spec.warmPool") else None
    own: Tree | None = group.table("warmPool") if c.present(group.path("warmPool")) else None
    timeout = (own or {}).get("lifecycleHookTimeout") or (cluster or {}).get("lifecycleHookTimeout") or 600
    if group.role in (Role.CONTROL_PLANE, Role.BASTION):
        cluster = None
    if own is None and cluster is None:
        return WarmPoolSettings(max_size=0)
    merged = {**(cluster or {}), **{key: value for key, value in (own or {}).items() if value}}
    if own is not None and own.get("maxSize") == 0:
        merged["maxSize"] = 0
    most, least = merged.get("maxSize"), merged.get("minSize")
    return WarmPoolSettings(
        min_size=least if isinstance(least, int) else 0,
        max_size=most if isinstance(most, int) else None,
        lifecycle_hook=bool(merged.get("enableLifecycleHook")),
        hook_timeout=timeout if isinstance(timeout, int) else 600,
    )


def lifecycle_hook(c: Context, group: Group) -> bool:
    """Whether instances wait in a hook until nodeup is done."""
    settings = warm_pool(c, group)
    return settings.enabled and settings.lifecycle_hook
