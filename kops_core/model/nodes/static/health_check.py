"""The health check of the API server, which proxies probes to it over TLS."""

from __future__ import annotations

from kops_core.infer.common import remap_image
from kops_core.model.addons.objects import container, host_path, http_probe, mount
from kops_core.model.context import Context
from kops_core.model.nodes.static.pod import pod
from kops_core.model.template import Template

PORT = 3990
USER = 10012
"""User id of the health check, which owns its certificates on the machine."""
_CERTIFICATES = "healthcheck-secrets"


def manifest(c: Context) -> Template:
    """The pod whose container nodeup adds to the API server's."""
    return pod(
        {},
        containers=[
            container(
                "healthcheck",
                remap_image(c.read, f"registry.k8s.io/kops/kube-apiserver-healthcheck:{c.image_tag}"),
                args=[
                    "--ca-cert=/secrets/ca.crt",
                    "--client-cert=/secrets/client.crt",
                    "--client-key=/secrets/client.key",
                ],
                mounts=[mount(_CERTIFICATES, "/secrets", readOnly=True)],
                livenessProbe=http_probe(
                    "/.kube-apiserver-healthcheck/healthz",
                    PORT,
                    host="127.0.0.1",
                    initialDelaySeconds=5,
                    timeoutSeconds=5,
                ),
                resources={},
                securityContext={"runAsNonRoot": True, "runAsUser": USER},
            )
        ],
        volumes=[host_path(_CERTIFICATES, "/etc/kubernetes/kube-apiserver-healthcheck/secrets", "Directory")],
    )
