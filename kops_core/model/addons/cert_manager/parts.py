"""The three programs of cert-manager: names, images and labels."""

from __future__ import annotations

from dataclasses import dataclass

VERSION = "v1.19.5"
"""As of kOps 1.37, July 2026."""
REGISTRY = "quay.io/jetstack"
INSTANCE = {"app.kubernetes.io/instance": "cert-manager"}
CERTIFICATES = "cert-manager.io"
ACME = "acme.cert-manager.io"


@dataclass(frozen=True)
class Part:
    """One of the programs."""

    name: str
    app: str
    component: str

    @property
    def pods(self) -> dict[str, str]:
        """Labels that select its pods."""
        return INSTANCE | {
            "app.kubernetes.io/name": self.app,
            "app.kubernetes.io/component": self.component,
        }

    @property
    def labels(self) -> dict[str, str]:
        """Labels of its objects."""
        return self.pods | {"app": self.app, "app.kubernetes.io/version": VERSION}


CONTROLLER = Part("cert-manager", "cert-manager", "controller")
INJECTOR = Part("cert-manager-cainjector", "cainjector", "cainjector")
"""Injects certificates of authorities into webhooks and API services."""
WEBHOOK = Part("cert-manager-webhook", "webhook", "webhook")
"""Validates the users' resources."""
