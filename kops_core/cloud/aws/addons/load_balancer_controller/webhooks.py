"""The controller's webhook configurations for pods, services, ingresses and its own resources."""

from __future__ import annotations

from collections.abc import Sequence

from kops_core.cloud.aws.addons.load_balancer_controller.names import BALANCERS, CONTROLLER, LABELS
from kops_core.model.addons.objects import (
    KUBE_SYSTEM,
    Object,
    admission_rule,
    fields,
    matches,
    or_null,
    thing,
)
from kops_core.model.documents import Document

SERVICE = "aws-load-balancer-webhook-service"
CERTIFICATE = "aws-load-balancer-serving-cert"
SECRET = "aws-load-balancer-webhook-tls"  # noqa: S105 - a name
NAME = "aws-load-balancer-webhook"
NOT_ITSELF = matches("app.kubernetes.io/name", "NotIn", CONTROLLER)
AGENT_INJECTION = f"{BALANCERS}/alb-target-control-agent-injection"
AGENT_INJECT = f"{BALANCERS}/alb-target-control-agent-inject"
NEW_PODS = admission_rule("", "v1", "CREATE", "pods")
WRITTEN = "CREATE UPDATE"
SELECTORS = "namespaceSelector objectSelector"


def webhooks() -> list[Object]:
    """The two configurations."""
    bindings = admission_rule(BALANCERS, "v1beta1", WRITTEN, "targetgroupbindings")
    parameters = admission_rule(BALANCERS, "v1beta1", WRITTEN, "ingressclassparams")
    ingresses = admission_rule("networking.k8s.io", "v1", WRITTEN, "ingresses")
    on_binding, on_parameters = (
        f"elbv2-k8s-aws-v1beta1-{kind}" for kind in ("targetgroupbinding", "ingressclassparams")
    )
    return [
        _configuration(
            "Mutating",
            [*_pods_and_services(), _hook("mtargetgroupbinding", f"/mutate-{on_binding}", bindings)],
        ),
        _configuration(
            "Validating",
            [
                _hook("vingressclassparams", f"/validate-{on_parameters}", parameters, objects=[NOT_ITSELF]),
                _hook("vtargetgroupbinding", f"/validate-{on_binding}", bindings),
                _hook(
                    "vingress",
                    "/validate-networking-v1-ingress",
                    ingresses,
                    null=SELECTORS,
                    matchPolicy="Equivalent",
                ),
            ],
        ),
    ]


def _pods_and_services() -> list[Object]:
    control = "/mutate-alb-target-control"
    return [
        _hook(
            "mpod",
            "/mutate-v1-pod",
            NEW_PODS,
            namespaces=[matches(f"{BALANCERS}/pod-readiness-gate-inject", "In", "enabled")],
            objects=[NOT_ITSELF],
            policy="Ignore",
        ),
        _hook(
            "quicid",
            "/mutate-v1-pod-server-id",
            NEW_PODS,
            namespaces=[matches(f"{BALANCERS}/quic-server-id-inject", "In", "enabled")],
            objects=[NOT_ITSELF],
        ),
        _hook(
            "mservice",
            "/mutate-v1-service",
            admission_rule("", "v1", "CREATE", "services"),
            namespaces=[matches("kubernetes.io/metadata.name", "NotIn", KUBE_SYSTEM)],
            objects=[NOT_ITSELF],
        ),
        _hook(
            "alb-target-control.namespace",
            f"{control}-namespace-v1-pod",
            NEW_PODS,
            namespaces=[matches(AGENT_INJECTION, "In", "enabled")],
            objects=[NOT_ITSELF, matches(AGENT_INJECT, "NotIn", "false")],
        ),
        _hook(
            "alb-target-control.object",
            f"{control}-object-v1-pod",
            NEW_PODS,
            namespaces=[matches(AGENT_INJECTION, "DoesNotExist")],
            objects=[NOT_ITSELF, matches(AGENT_INJECT, "In", "true")],
        ),
    ]


def _configuration(kind: str, hooks: Sequence[Object]) -> Object:
    return thing(
        "admissionregistration.k8s.io/v1",
        f"{kind}WebhookConfiguration",
        NAME,
        None,
        labels=LABELS,
        annotations={"cert-manager.io/inject-ca-from": f"{KUBE_SYSTEM}/{CERTIFICATE}"},
        webhooks=hooks,
    )


def _hook(
    name: str,
    path: str,
    asked: Object,
    *,
    namespaces: Sequence[Object] = (),
    objects: Sequence[Object] = (),
    policy: str = "Fail",
    null: str = "",
    **rest: Document,
) -> Object:
    """One webhook, with selectors of namespaces and objects.

    null: fields, joined by blanks, that are null where they are not set.
    """
    found = fields(
        name=f"{name}.{BALANCERS}",
        admissionReviewVersions=["v1beta1"],
        clientConfig={"service": {"name": SERVICE, "namespace": KUBE_SYSTEM, "path": path}},
        failurePolicy=policy,
        namespaceSelector={"matchExpressions": namespaces} if namespaces else None,
        objectSelector={"matchExpressions": objects} if objects else None,
        rules=[asked],
        sideEffects="None",
        **rest,
    )
    return or_null(found, null)
