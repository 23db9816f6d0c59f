"""Names and labels that the parts of the AWS Load Balancer Controller share."""

from __future__ import annotations

CONTROLLER = "aws-load-balancer-controller"
VERSION = "v3.3.0"
"""As of kOps 1.37, July 2026."""
INSTANCE = {"app.kubernetes.io/instance": CONTROLLER}
PODS = {"app.kubernetes.io/name": CONTROLLER, "app.kubernetes.io/component": "controller"}
LABELS = INSTANCE | {
    "app.kubernetes.io/name": CONTROLLER,
    "app.kubernetes.io/version": VERSION,
    "helm.sh/chart": f"{CONTROLLER}-{VERSION.removeprefix('v')}",
}
ACCELERATORS = "aga.k8s.aws"
BALANCERS = "elbv2.k8s.aws"
CONFIGURATIONS = "gateway.k8s.aws"
