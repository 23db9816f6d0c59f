"""Validation of instance groups whose instances Karpenter starts."""

from __future__ import annotations

from kops_core.validate.field import Field, Findings

_IMAGE_FORMS = "write it as ami-…, ssm:parameter, name, or owner/name"


def check_karpenter(spec: Field, role: str, cluster: Field) -> Findings:
    """An instance group's spec with the manager Karpenter. cluster: the cluster's spec."""
    if spec.at("manager").text != "Karpenter":
        return
    if role != "Node":
        yield spec.at("role").forbidden("Karpenter starts worker nodes only: set Node")
    high = spec.at("maxSize")
    if high.number is not None and high.number <= 0:
        yield high.invalid("it must be more than 0")
    yield from _image(spec.at("image"))
    low = spec.at("minSize")
    if low.number is None:
        return
    if low.number <= 0:
        yield low.invalid("it must be more than 0: remove it to let Karpenter decide")
    elif not _has_static_capacity(cluster.at("karpenter.featureGates").text):
        yield low.forbidden(
            "a fixed number needs StaticCapacity=true in spec.karpenter.featureGates of the cluster"
        )


def _has_static_capacity(gates: str) -> bool:
    """Whether Karpenter's gate is on: it is, unless gates are listed without it. The last mention counts."""
    enabled = not gates
    for gate in gates.split(","):
        name, found, value = gate.partition("=")
        if found and name.strip() == "StaticCapacity":
            enabled = value.strip().lower() == "true"
    return enabled


def _image(image: Field) -> Findings:
    text = image.text.strip()
    owner, slash, name = text.partition("/")
    incomplete = slash and not (owner and name) and not text.startswith(("ami-", "ssm:"))
    if "://" in text or incomplete:
        yield image.invalid(_IMAGE_FORMS)
    elif text == "ssm:":
        yield image.invalid("name the parameter after ssm:")
