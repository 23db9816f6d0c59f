"""Validation of the additional objects that users apply at bootstrap."""

from __future__ import annotations

from kops_core.api.values import Tree
from kops_core.errors import FieldError
from kops_core.validate.field import document


def validate_additional_object(tree: Tree) -> list[FieldError]:
    """The errors of an additional object; only the scheduler's configuration is checked."""
    root = document(tree, f"{tree.get('kind')}")
    group = root.at("apiVersion").text.partition("/")[0]
    if root.at("kind").text != "KubeSchedulerConfiguration" or group != "kubescheduler.config.k8s.io":
        return []
    kubeconfig = root.at("clientConnection.kubeconfig")
    if kubeconfig.is_set and kubeconfig.value != "":
        return [kubeconfig.invalid("kOps sets it: remove it")]
    return []
