"""kops-controller, which issues certificates and boot configuration to nodes, and labels them."""

from __future__ import annotations

import json

from kops_core.infer.common import join_path
from kops_core.model.addons.context import (
    API_ON_THIS_NODE,
    CLUSTER_CRITICAL,
    CONTROL_PLANE,
    MASTER,
    NOT_READY,
    UNINITIALIZED,
    AddonContext,
)
from kops_core.model.addons.objects import (
    SPC,
    Object,
    config_map,
    config_volume,
    container,
    daemon_set,
    exists,
    fields,
    host_path,
    merged,
    mount,
    only,
    pod,
    requests,
    required_nodes,
    tolerates,
)
from kops_core.model.addons.rbac import (
    account_user,
    cluster_role,
    cluster_role_binding,
    role,
    role_binding,
    rule,
    service_account,
)
from kops_core.model.environment import CONTROLLER, component_environment

NAME = "kops-controller"
USER = 10011
"""User id of kops-controller, which owns its files on the nodes."""
LISTEN_PORT = 3988
PKI = "/etc/kubernetes/kops-controller/pki"
CONFIG = "/etc/kubernetes/kops-controller/config/"


def objects(c: AddonContext) -> list[Object]:
    """The manifest's objects."""
    return [
        config_map(NAME, {"config.yaml": json.dumps(configuration(c), separators=(",", ":")) + "\n"}),
        _daemon_set(c),
        service_account(NAME),
        cluster_role(NAME, rule("", "nodes", "get list watch patch")),
        cluster_role_binding(NAME, NAME, account_user(NAME)),
        role(
            NAME,
            rule("", "events", "get list watch create"),
            rule(
                "|coordination.k8s.io",
                "configmaps leases",
                "get list watch patch update delete",
                names="kops-controller-leader",
            ),
            rule("|coordination.k8s.io", "configmaps leases", "create"),
        ),
        role_binding(NAME, NAME, account_user(NAME)),
    ]


def configuration(c: AddonContext) -> Object:
    """Its configuration file: the certificates that it signs, and for which machines."""
    base = c.read.string("spec.configBase") or ""
    own_store = c.read.string("spec.secretStore") or join_path(base, "secrets")
    certificates = [
        "kubelet",
        "kubelet-server",
        *only(c.cilium_etcd, "etcd-client-cilium"),
        *only(c.read.boolean("spec.kubeProxy.enabled") is not False, "kube-proxy"),
        *only(c.read.has("spec.networking.kuberouter"), "kube-router"),
    ]
    return fields(
        clusterName=c.name,
        cloud=c.settings.cloud.name,
        configBase=base,
        secretStore=own_store,
        server={
            "Listen": f":{LISTEN_PORT}",
            "provider": {c.settings.cloud.name: c.settings.cloud.node_identity(c)},
            "serverKeyPath": f"{PKI}/kops-controller.key",
            "serverCertificatePath": f"{PKI}/kops-controller.crt",
            "caBasePath": PKI,
            "signingCAs": ["kubernetes-ca", *only(c.cilium_etcd, "etcd-clients-ca-cilium")],
            "certNames": certificates,
        },
        cacheNodeidentityInfo=c.feature("CacheNodeidentityInfo") or None,
        enableCloudIPAM=c.ipv6_only or None,
        capi={"enabled": True} if c.feature("ClusterAPI") else None,
    )


def _daemon_set(c: AddonContext) -> Object:
    host_certificates = bool(c.read.boolean("spec.useHostCertificates"))
    labels = {"k8s-app": NAME, "version": f"v{c.image_tag}"}
    return daemon_set(
        NAME,
        {"k8s-app": NAME},
        pod(
            merged({"k8s-addon": "kops-controller.addons.k8s.io"}, labels),
            container(
                NAME,
                f"registry.k8s.io/kops/kops-controller:{c.image_tag}",
                args=["--v=2", f"--conf={CONFIG}config.yaml"],
                env=merged(API_ON_THIS_NODE, component_environment(c, *CONTROLLER)),
                mounts=[
                    *only(host_certificates, mount("etc-ssl-certs", "/etc/ssl/certs", readOnly=True)),
                    mount("kops-controller-config", CONFIG),
                    mount("kops-controller-pki", f"{PKI}/"),
                ],
                null="command",
                resources=requests("50m", "50Mi"),
                securityContext=fields(
                    runAsNonRoot=True, runAsUser=USER, seLinuxOptions=SPC if c.selinux else None
                ),
            ),
            annotations={"dns.alpha.kubernetes.io/internal": f"kops-controller.internal.{c.name}"},
            affinity={
                "nodeAffinity": required_nodes(
                    [exists(CONTROL_PLANE), exists("kops.k8s.io/kops-controller-pki")]
                )
            },
            dnsPolicy="Default",
            hostNetwork=True,
            null="nodeSelector",
            priorityClassName=CLUSTER_CRITICAL,
            serviceAccount=NAME,
            tolerations=tolerates(UNINITIALIZED, NOT_READY, MASTER, CONTROL_PLANE),
            volumes=[
                *only(host_certificates, host_path("etc-ssl-certs", "/etc/ssl/certs", "DirectoryOrCreate")),
                config_volume("kops-controller-config", NAME),
                host_path("kops-controller-pki", "/etc/kubernetes/kops-controller/", "Directory"),
            ],
        ),
        labels=labels,
        updateStrategy={"type": "OnDelete"},
    )
