"""Hubble: the relay that collects network flows from all agents, and its certificates."""

from __future__ import annotations

from kops_core.model.addons.cilium.features import (
    AGENT,
    AT,
    HUBBLE_METRICS_PORT,
    LINUX,
    OWNER_ONLY,
    PART,
    PEER_PORT,
    Features,
    files_of_secret,
    image,
)
from kops_core.model.addons.context import AddonContext
from kops_core.model.addons.objects import (
    Object,
    config_map,
    config_volume,
    container,
    deployment,
    mount,
    only,
    pod,
    port,
    service,
    service_port,
    thing,
)

RELAY = {"k8s-app": "hubble-relay"}
USER = 65532
TLS = "/var/lib/hubble-relay/tls"


def relay_configuration(c: AddonContext) -> Object:
    """The relay's configuration file."""
    lines = [
        f'cluster-name: "{c.text(f"{AT}.clusterName")}"',
        'peer-service: "hubble-peer.kube-system.svc.cluster.local.:443"',
        "listen-address: :4245",
        "gops: true",
        'gops-port: "9893"',
        "retry-timeout:",
        "sort-buffer-len-max:",
        "sort-buffer-drain-timeout:",
        f"tls-hubble-client-cert-file: {TLS}/client.crt",
        f"tls-hubble-client-key-file: {TLS}/client.key",
        f"tls-hubble-server-ca-files: {TLS}/hubble-server-ca.crt",
        "",
        "disable-server-tls: true",
        "",
    ]
    return config_map("hubble-relay-config", {"config.yaml": "\n".join(lines)})


def services(has: Features) -> list[Object]:
    """The services of the relay, of Hubble's metrics and of the agents."""
    relay = service(
        "hubble-relay",
        RELAY,
        service_port(80, target="grpc", protocol="TCP"),
        labels=RELAY | PART | {"app.kubernetes.io/name": "hubble-relay"},
        type="ClusterIP",
    )
    metrics = service(
        "hubble-metrics",
        AGENT,
        service_port(HUBBLE_METRICS_PORT, "hubble-metrics", "hubble-metrics", "TCP"),
        labels=PART | {"k8s-app": "hubble", "app.kubernetes.io/name": "hubble"},
        annotations={"prometheus.io/scrape": "true", "prometheus.io/port": str(HUBBLE_METRICS_PORT)},
        clusterIP="None",
        type="ClusterIP",
    )
    peers = service(
        "hubble-peer",
        AGENT,
        service_port(443, "peer-service", PEER_PORT, "TCP"),
        labels=AGENT | PART | {"app.kubernetes.io/name": "hubble-peer"},
        internalTrafficPolicy="Local",
    )
    return [*only(has.hubble, relay), *only(has.hubble_metrics, metrics), *only(has.hubble, peers)]


def relay(c: AddonContext) -> Object:
    """The relay."""
    health: Object = {"grpc": {"port": 4222}}
    alive = health | {"initialDelaySeconds": 10}
    debug = bool(c.read.boolean(f"{AT}.debug"))
    labels = RELAY | PART | {"app.kubernetes.io/name": "hubble-relay"}
    next_to_agent: Object = {"labelSelector": {"matchLabels": AGENT}, "topologyKey": "kubernetes.io/hostname"}
    certificate = files_of_secret(
        "hubble-relay-client-certs",
        {"tls.crt": "client.crt", "tls.key": "client.key", "ca.crt": "hubble-server-ca.crt"},
        optional=None,
    )
    return deployment(
        "hubble-relay",
        RELAY,
        pod(
            labels,
            container(
                "hubble-relay",
                image(c, "hubble-relay"),
                command=["hubble-relay"],
                args=["serve", *only(debug, "--debug")],
                ports=[port(4245, "grpc")],
                mounts=[
                    mount("config", "/etc/hubble-relay", readOnly=True),
                    mount("tls", TLS, readOnly=True),
                ],
                livenessProbe=alive | {"failureThreshold": 12, "periodSeconds": 10, "timeoutSeconds": 10},
                readinessProbe=health | {"timeoutSeconds": 3},
                startupProbe=alive | {"failureThreshold": 20, "periodSeconds": 3},
                imagePullPolicy="IfNotPresent",
                securityContext={
                    "allowPrivilegeEscalation": False,
                    "capabilities": {"drop": ["ALL"]},
                    "runAsGroup": USER,
                    "runAsNonRoot": True,
                    "runAsUser": USER,
                    "seccompProfile": {"type": "RuntimeDefault"},
                },
                terminationMessagePolicy="FallbackToLogsOnError",
            ),
            affinity={"podAffinity": {"requiredDuringSchedulingIgnoredDuringExecution": [next_to_agent]}},
            automountServiceAccountToken=False,
            nodeSelector=LINUX,
            null="priorityClassName",
            restartPolicy="Always",
            securityContext={"fsGroup": USER, "seccompProfile": {"type": "RuntimeDefault"}},
            serviceAccountName="hubble-relay",
            terminationGracePeriodSeconds=1,
            volumes=[
                config_volume(
                    "config", "hubble-relay-config", items=[{"key": "config.yaml", "path": "config.yaml"}]
                ),
                {"name": "tls", "projected": {"defaultMode": OWNER_ONLY, "sources": [certificate]}},
            ],
        ),
        labels=labels,
        replicas=2,
        strategy={"type": "RollingUpdate", "rollingUpdate": {"maxUnavailable": 1}},
    )


def certificates(c: AddonContext, has: Features) -> list[Object]:
    """The certificates of the relay and of the agents, signed by the add-on's own authority."""
    cluster = c.text(f"{AT}.clusterName").replace(".", "-")
    return only(
        has.hubble,
        _certificate("hubble-relay-client-certs", "hubble-relay-client", "client auth"),
        _certificate(
            "hubble-server-certs", f"*.{cluster}.hubble-grpc.cilium.io", "server auth", "client auth"
        ),
    )


def _certificate(name: str, subject: str, *usages: str) -> Object:
    return thing(
        "cert-manager.io/v1",
        "Certificate",
        name,
        spec={
            "issuerRef": {"kind": "Issuer", "name": "networking.cilium.io"},
            "secretName": name,
            "commonName": subject,
            "dnsNames": [subject],
            "duration": "8760h0m0s",
            "privateKey": {"rotationPolicy": "Always"},
            "isCA": False,
            "usages": ["signing", "key encipherment", *usages],
        },
    )
