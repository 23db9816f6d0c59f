"""cert-manager's deployments, services and webhooks."""

from __future__ import annotations

from collections.abc import Sequence

from kops_core.model.addons.cert_manager.parts import (
    ACME,
    CERTIFICATES,
    CONTROLLER,
    INJECTOR,
    REGISTRY,
    VERSION,
    WEBHOOK,
    Part,
)
from kops_core.model.addons.context import CLUSTER_CRITICAL, AddonContext, on_control_plane, spell
from kops_core.model.addons.manifest import items
from kops_core.model.addons.objects import (
    KUBE_SYSTEM,
    Object,
    admission_rule,
    container,
    deployment,
    fields,
    http_probe,
    matches,
    only,
    pod,
    pod_field,
    port,
    service,
    service_port,
    thing,
)
from kops_core.model.documents import Document

AT = "spec.certManager"
METRICS_PORT = 9402
SERVING_CA = "cert-manager-webhook-ca"
NAMESPACE_ENV = {"POD_NAMESPACE": pod_field("metadata.namespace")}


def services() -> list[Object]:
    """The services of the three programs."""
    monitor = "tcp-prometheus-servicemonitor"
    ports = {
        INJECTOR: [service_port(METRICS_PORT, "http-metrics", protocol="TCP")],
        CONTROLLER: [service_port(METRICS_PORT, monitor, "http-metrics", "TCP")],
        WEBHOOK: [
            service_port(443, "https", "https", "TCP"),
            service_port(METRICS_PORT, "metrics", "http-metrics", "TCP"),
        ],
    }
    return [
        service(part.name, part.pods, *each, labels=part.labels, type="ClusterIP")
        for part, each in ports.items()
    ]


def deployments(c: AddonContext) -> list[Object]:
    """The three programs, all on the control plane."""
    nameservers = c.read.strings(f"{AT}.nameservers")
    own_dns = fields(dnsConfig={"nameservers": nameservers}, dnsPolicy="None") if nameservers else {}
    return [
        _deployment(INJECTOR, _injector()),
        _deployment(CONTROLLER, _controller(c), own_dns),
        _deployment(WEBHOOK, _webhook()),
    ]


def _deployment(part: Part, main: Object, more: Object | None = None) -> Object:
    return deployment(
        part.name,
        part.pods,
        pod(
            part.labels,
            main,
            annotations={
                "prometheus.io/path": "/metrics",
                "prometheus.io/port": str(METRICS_PORT),
                "prometheus.io/scrape": "true",
            },
            placement=on_control_plane() | (more or {}),
            enableServiceLinks=False,
            nodeSelector={"kubernetes.io/os": "linux"},
            priorityClassName=CLUSTER_CRITICAL,
            securityContext={"runAsNonRoot": True, "seccompProfile": {"type": "RuntimeDefault"}},
            serviceAccountName=part.name,
        ),
        labels=part.labels,
        replicas=1,
    )


def _container(name: str, args: Sequence[str], ports: Sequence[Object], **rest: Document) -> Object:
    return container(
        name,
        f"{REGISTRY}/{name}:{VERSION}",
        args=args,
        env=NAMESPACE_ENV,
        ports=ports,
        imagePullPolicy="IfNotPresent",
        securityContext={
            "allowPrivilegeEscalation": False,
            "capabilities": {"drop": ["ALL"]},
            "readOnlyRootFilesystem": True,
        },
    ) | fields(**rest)


def _metrics_port() -> Object:
    return port(METRICS_PORT, "http-metrics", "TCP")


def _injector() -> Object:
    return _container(
        INJECTOR.name, ["--v=2", f"--leader-election-namespace={KUBE_SYSTEM}"], [_metrics_port()]
    )


def _controller(c: AddonContext) -> Object:
    issuer = c.text(f"{AT}.defaultIssuer")
    gates = sorted(c.read.mapping(f"{AT}.featureGates").items())
    args = [
        "--v=2",
        "--cluster-resource-namespace=$(POD_NAMESPACE)",
        f"--leader-election-namespace={KUBE_SYSTEM}",
        f"--acme-http01-solver-image={REGISTRY}/cert-manager-acmesolver:{VERSION}",
        "--max-concurrent-challenges=60",
        "--enable-certificate-owner-ref=true",
        *only(
            issuer,
            f"--default-issuer-name={issuer}",
            "--default-issuer-kind=ClusterIssuer",
            f"--default-issuer-group={CERTIFICATES}",
        ),
        *(f"--feature-gates={name}={spell(bool(value))}" for name, value in gates),
    ]
    # With a role of its own, the solver of DNS challenges needs the region to find STS.
    region: Object = {"name": c.settings.cloud.region_variable, "value": c.region}
    main = _container(
        "cert-manager-controller",
        args,
        [_metrics_port(), port(9403, "http-healthz", "TCP")],
        livenessProbe=http_probe(
            "/livez",
            "http-healthz",
            scheme="HTTP",
            failureThreshold=8,
            initialDelaySeconds=10,
            periodSeconds=10,
            successThreshold=1,
            timeoutSeconds=15,
        ),
    )
    return main | {"env": [*items(main["env"]), region]}


def _webhook() -> Object:
    address = WEBHOOK.name
    health: Object = {"scheme": "HTTP", "port": "healthcheck"}
    times: Object = {"failureThreshold": 3, "successThreshold": 1, "timeoutSeconds": 1}
    return _container(
        WEBHOOK.name,
        [
            "--v=2",
            "--secure-port=10250",
            "--dynamic-serving-ca-secret-namespace=$(POD_NAMESPACE)",
            f"--dynamic-serving-ca-secret-name={SERVING_CA}",
            f"--dynamic-serving-dns-names={address}",
            f"--dynamic-serving-dns-names={address}.$(POD_NAMESPACE)",
            f"--dynamic-serving-dns-names={address}.$(POD_NAMESPACE).svc",
        ],
        [port(10250, "https", "TCP"), port(6080, "healthcheck", "TCP"), _metrics_port()],
        livenessProbe={
            "httpGet": health | {"path": "/livez"},
            "initialDelaySeconds": 60,
            "periodSeconds": 10,
            **times,
        },
        readinessProbe={
            "httpGet": health | {"path": "/healthz"},
            "initialDelaySeconds": 5,
            "periodSeconds": 5,
            **times,
        },
    )


def webhooks() -> list[Object]:
    """The webhook configurations: mutating for certificate requests, validating for all resources."""
    unless_off: Object = {
        "matchExpressions": [matches("cert-manager.io/disable-validation", "NotIn", "true")]
    }
    checked = admission_rule(CERTIFICATES, "v1", "CREATE UPDATE", "*/*") | {"apiGroups": [CERTIFICATES, ACME]}
    return [
        _hook("Mutating", "/mutate", admission_rule(CERTIFICATES, "v1", "CREATE", "certificaterequests")),
        _hook("Validating", "/validate", checked, namespaceSelector=unless_off),
    ]


def _hook(kind: str, path: str, asked: Object, **rest: Document) -> Object:
    return thing(
        "admissionregistration.k8s.io/v1",
        f"{kind}WebhookConfiguration",
        WEBHOOK.name,
        None,
        labels=WEBHOOK.labels,
        annotations={"cert-manager.io/inject-ca-from-secret": f"{KUBE_SYSTEM}/{SERVING_CA}"},
        webhooks=[
            {
                "name": "webhook.cert-manager.io",
                "admissionReviewVersions": ["v1"],
                "clientConfig": {"service": {"name": WEBHOOK.name, "namespace": KUBE_SYSTEM, "path": path}},
                "failurePolicy": "Fail",
                "matchPolicy": "Equivalent",
                "rules": [asked],
                "sideEffects": "None",
                "timeoutSeconds": 30,
                **fields(**rest),
            }
        ],
    )
