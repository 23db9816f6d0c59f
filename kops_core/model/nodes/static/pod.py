"""The common parts of the control plane's static pods."""

from __future__ import annotations

from kops_core.model.addons.manifest import document_text
from kops_core.model.addons.objects import Object, fields, tolerates
from kops_core.model.documents import Document
from kops_core.model.template import Template

CRITICAL = tolerates("CriticalAddonsOnly")
"""Tolerations of critical pods."""


def pod(metadata: Object, **spec: Document) -> Template:
    """The manifest of a pod, with a status, as kOps writes it."""
    return document_text(
        {"apiVersion": "v1", "kind": "Pod", "metadata": metadata, "spec": fields(**spec), "status": {}}
    )
