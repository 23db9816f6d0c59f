"""What the control plane's pods have in common."""

from __future__ import annotations

from kops_core.model.addons.manifest import document_text
from kops_core.model.addons.objects import Object, fields, tolerates
from kops_core.model.documents import Document
from kops_core.model.resource import Template

CRITICAL = tolerates("CriticalAddonsOnly")
"""Tolerations of pods that a node does not give up."""


def pod(metadata: Object, **spec: Document) -> Template:
    """The manifest of a pod; kOps writes its status too, so that stores stay the same between the two."""
    return document_text(
        {"apiVersion": "v1", "kind": "Pod", "metadata": metadata, "spec": fields(**spec), "status": {}}
    )
