"""The AWS Load Balancer Controller: load balancers for services, ingresses and gateways."""

from __future__ import annotations

from kops_core.cloud.aws.addons.load_balancer_controller.names import (
    CONTROLLER,
    INSTANCE,
    LABELS,
    PODS,
    VERSION,
)
from kops_core.cloud.aws.addons.load_balancer_controller.permissions import permissions
from kops_core.cloud.aws.addons.load_balancer_controller.webhooks import (
    CERTIFICATE,
    SECRET,
    SERVICE,
    webhooks,
)
from kops_core.model.addons.context import CLUSTER_CRITICAL, AddonContext, on_control_plane
from kops_core.model.addons.crd import read_table
from kops_core.model.addons.objects import (
    KUBE_SYSTEM,
    Object,
    container,
    deployment,
    matches,
    merged,
    mount,
    pod,
    pod_field,
    port,
    requests,
    secret_volume,
    service,
    service_port,
    thing,
)
from kops_core.model.addons.rbac import service_account

AT = "spec.awsLoadBalancerController"
METRICS_PORT = 9442
ISSUER = "aws-load-balancer-selfsigned-issuer"


def objects(c: AddonContext) -> list[Object]:
    """The manifest's objects."""
    return [
        *read_table("load_balancer_controller", __package__).definitions(),
        service_account(CONTROLLER, labels=LABELS, automountServiceAccountToken=True),
        *permissions(),
        service(
            SERVICE,
            PODS,
            service_port(443, "webhook-server", "webhook-server"),
            labels=merged(
                LABELS,
                {"app.kubernetes.io/component": "webhook", "prometheus.io/service-monitor": "false"},
            ),
        ),
        _deployment(c),
        thing(
            "cert-manager.io/v1",
            "Certificate",
            CERTIFICATE,
            labels=LABELS,
            spec={
                "dnsNames": [f"{SERVICE}.{KUBE_SYSTEM}.svc", f"{SERVICE}.{KUBE_SYSTEM}.svc.cluster.local"],
                "duration": "8760h0m0s",
                "issuerRef": {"kind": "Issuer", "name": ISSUER},
                "renewBefore": "720h0m0s",
                "secretName": SECRET,
            },
        ),
        thing("cert-manager.io/v1", "Issuer", ISSUER, labels=LABELS, spec={"selfSigned": {}}),
        thing("elbv2.k8s.aws/v1beta1", "IngressClassParams", "alb", None, labels=LABELS),
        thing(
            "networking.k8s.io/v1",
            "IngressClass",
            "alb",
            None,
            labels=LABELS,
            spec={"controller": "ingress.k8s.aws/alb"},
        ),
        *webhooks(),
    ]


def arguments(c: AddonContext) -> list[str]:
    """Its command line."""
    return [
        f"--cluster-name={c.name}",
        "--ingress-class=alb",
        f"--aws-region={c.region}",
        f"--metrics-bind-addr=:{METRICS_PORT}",
        f"--enable-waf={c.say(f'{AT}.enableWAF')}",
        f"--enable-wafv2={c.say(f'{AT}.enableWAFv2')}",
        f"--enable-shield={c.say(f'{AT}.enableShield')}",
        f"--default-tags={c.cloud_labels}",
    ]


def _deployment(c: AddonContext) -> Object:
    return deployment(
        CONTROLLER,
        PODS,
        pod(
            PODS | INSTANCE,
            _container(c),
            annotations={"prometheus.io/port": str(METRICS_PORT), "prometheus.io/scrape": "true"},
            placement=_placement(c),
            priorityClassName=CLUSTER_CRITICAL,
            securityContext={"fsGroup": 65534},
            serviceAccountName=CONTROLLER,
            terminationGracePeriodSeconds=10,
            volumes=[secret_volume("cert", SECRET, defaultMode=0o644)],
        ),
        labels=LABELS,
        replicas=1,
        revisionHistoryLimit=10,
        # On the host's network, two on one node would want the same port.
        strategy=None if c.irsa else {"type": "RollingUpdate", "rollingUpdate": {"maxSurge": 0}},
    )


def _placement(c: AddonContext) -> Object:
    """Placement of its pods: anywhere with an IAM role of its own, else on the control plane."""
    if not c.irsa:
        return on_control_plane() | {"hostNetwork": True}
    apart: Object = {
        "labelSelector": {"matchExpressions": [matches("app.kubernetes.io/name", "In", CONTROLLER)]},
        "topologyKey": "kubernetes.io/hostname",
    }
    return {
        "affinity": {
            "podAntiAffinity": {
                "preferredDuringSchedulingIgnoredDuringExecution": [{"podAffinityTerm": apart, "weight": 100}]
            }
        }
    }


def _container(c: AddonContext) -> Object:
    health: Object = {"scheme": "HTTP", "port": 61779}
    times: Object = {"failureThreshold": 2, "timeoutSeconds": 10}
    return container(
        CONTROLLER,
        f"public.ecr.aws/eks/aws-load-balancer-controller:{c.text(f'{AT}.version', VERSION)}",
        args=arguments(c),
        env={"NODENAME": pod_field("spec.nodeName", "v1")},
        ports=[port(9443, "webhook-server", "TCP"), port(METRICS_PORT, "metrics-server", "TCP")],
        mounts=[mount("cert", "/tmp/k8s-webhook-server/serving-certs", readOnly=True)],  # noqa: S108 - in the pod
        livenessProbe={"httpGet": health | {"path": "/healthz"}, "initialDelaySeconds": 30, **times},
        readinessProbe={
            "httpGet": health | {"path": "/readyz"},
            "initialDelaySeconds": 10,
            "successThreshold": 1,
            **times,
        },
        resources=requests(
            c.text(f"{AT}.cpuRequest", "100m"),
            c.text(f"{AT}.memoryRequest", "200Mi"),
            numbers=False,
            limits={
                "cpu": c.text(f"{AT}.cpuLimit", "200m"),
                "memory": c.text(f"{AT}.memoryLimit", "500Mi"),
            },
        ),
        imagePullPolicy="IfNotPresent",
        securityContext={
            "allowPrivilegeEscalation": False,
            "readOnlyRootFilesystem": True,
            "runAsNonRoot": True,
        },
    )
