"""Adds the credentials of a service account's IAM role to its workloads, as kOps' manifests do."""

from __future__ import annotations

from kops_core.cloud.aws.builders.context import partition
from kops_core.cloud.aws.names import service_account_role_name
from kops_core.model.addons.context import AddonContext
from kops_core.model.addons.manifest import items, runs_pods, structure, through_types
from kops_core.model.addons.objects import Object

TOKEN_DIR = "/var/run/secrets/amazonaws.com/"  # noqa: S105 - a path
TOKEN_VOLUME = "token-amazonaws-com"  # noqa: S105 - a volume's name
TOKEN_SECONDS = 86400
UNPRIVILEGED_GROUP = 10001
"""kOps' group for containers without privileges, so that they can read the token."""


def with_iam_role(each: Object, account: str, c: AddonContext) -> Object:
    """A workload with the credentials of its service account's IAM role; any other object unchanged."""
    if not runs_pods(each):
        return each
    spec = structure(each["spec"])
    template = structure(spec["template"])
    pod = structure(template["spec"])
    if (pod.get("serviceAccountName") or pod.get("serviceAccount")) != account:
        return each
    pod = through_types(pod)
    namespace = str(structure(each["metadata"]).get("namespace"))
    arn = f"arn:{partition(c)}:iam::{c.account}:role/" + service_account_role_name(account, namespace, c.name)
    token: Object = {"audience": "amazonaws.com", "expirationSeconds": TOKEN_SECONDS, "path": "token"}
    volume: Object = {
        "name": TOKEN_VOLUME,
        "projected": {"defaultMode": 0o644, "sources": [{"serviceAccountToken": token}]},
    }
    pod["volumes"] = [*items(pod.get("volumes")), volume]
    pod["containers"] = [_with_token(structure(one), arn) for one in items(pod["containers"])]
    pod["securityContext"] = {"fsGroup": UNPRIVILEGED_GROUP, **structure(pod.get("securityContext"))}
    return {**each, "spec": {**spec, "template": {**template, "spec": pod}}}


def _with_token(container: Object, arn: str) -> Object:
    mount: Object = {"mountPath": TOKEN_DIR, "name": TOKEN_VOLUME, "readOnly": True}
    variables = [
        {"name": "AWS_ROLE_ARN", "value": arn},
        {"name": "AWS_WEB_IDENTITY_TOKEN_FILE", "value": f"{TOKEN_DIR}token"},
    ]
    return {
        **container,
        "env": [*items(container.get("env")), *variables],
        "volumeMounts": [*items(container.get("volumeMounts")), mount],
    }
