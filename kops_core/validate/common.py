"""Validation of fields that clusters and instance groups share: hooks, files, sysctls, labels."""

from __future__ import annotations

from kops_core.validate.field import Field, Findings
from kops_core.validate.formats import scaled

UPDATE_POLICIES = ("automatic", "external")
_RESERVED_LABELS = ("Name", "KubernetesCluster")
_RESERVED_PREFIXES = ("kubernetes.io/cluster/", "k8s.io/role/", "kops.k8s.io/")


def check_hooks(hooks: Field, *, of_cluster: bool) -> Findings:
    """``hooks`` of a cluster or an instance group. kOps inverts ``disabled`` of a group."""
    for hook in hooks.items:
        if hook.at("disabled").flag is not of_cluster:
            yield from _hook(hook)


def _hook(hook: Field) -> Findings:
    container, manifest, raw = hook.at("execContainer"), hook.at("manifest"), hook.at("useRawManifest")
    if not container.is_set and not manifest.text:
        yield hook.required("say what it does: set manifest or execContainer")
    if raw.on:
        if container.is_set:
            yield hook.forbidden("useRawManifest goes with manifest, not with execContainer")
        if not manifest.text:
            yield hook.required("useRawManifest needs a manifest: set it")
        for name in ("before", "requires"):
            if hook.at(name).is_set:
                yield hook.forbidden(f"with useRawManifest, say {name} in the manifest")
    if container.is_set and not container.at("image").text:
        yield container.at("image").required("name the image to run")


def check_file_assets(files: Field) -> Findings:
    """``fileAssets`` of a cluster or an instance group."""
    for file in files.items:
        if not file.at("name").text:
            yield file.at("name").required("name the file")
        if not file.at("content").text:
            yield file.at("content").required("say what is in the file")


def check_sysctls(parameters: Field) -> Findings:
    """``sysctlParameters`` of a cluster or an instance group."""
    for parameter in parameters.items:
        if "=" not in parameter.text:
            yield parameter.invalid("write it like net.core.somaxconn=1024")


def check_rolling_update(update: Field, *, of_control_plane: bool) -> Findings:
    """``rollingUpdate`` of a cluster or an instance group."""
    if not update.is_set:
        return
    down, up = update.at("maxUnavailable"), update.at("maxSurge")
    unavailable = 1
    if down.is_set:
        found = scaled(down, 1, round_up=False)
        if found is None:
            yield down.invalid("it must be a number or a percentage like 30%")
        elif found < 0:
            yield down.invalid("it can't be negative")
        unavailable = found or 0
    if not up.is_set:
        return
    surge = scaled(up, 1000, round_up=True)
    if surge is None:
        yield up.invalid("it must be a number or a percentage like 30%")
    if of_control_plane and surge:
        yield up.forbidden("control-plane groups can't surge: remove it")
    elif surge is not None and surge < 0:
        yield up.invalid("it can't be negative")
    if unavailable == 0 and not surge:
        yield up.forbidden("it can't be 0 when maxUnavailable is: raise one of them")


def check_cloud_labels(labels: Field, *, except_key: str = "") -> Findings:
    """Tags for cloud resources that are not kOps' own."""
    for name, label in labels.entries:
        if name == except_key:
            continue
        prefix = next((each for each in _RESERVED_PREFIXES if name.startswith(each)), "")
        if name in _RESERVED_LABELS or prefix:
            yield label.forbidden(f"{prefix or name} is kOps' own: choose another name")
