"""Fields that kOps drops, or rewrites in another form, when it reads a spec.

Facts: kOps' ``v1alpha2/conversion.go``, the types of ``pkg/apis/kops`` that are not
written (``json:"-"``), ``components/kubescheduler/model.go``.
"""

from __future__ import annotations

from kops_core.api.path import render
from kops_core.api.values import UNSET, Maybe, Tree, Value
from kops_core.infer.reader import Reader
from kops_core.infer.rules import rule

_OIDC = (
    "oidcClientID",
    "oidcGroupsClaim",
    "oidcGroupsPrefix",
    "oidcIssuerURL",
    "oidcRequiredClaim",
    "oidcUsernameClaim",
    "oidcUsernamePrefix",
)


@rule(
    "spec.containerRuntime",
    "spec.docker",
    "spec.project",
    "spec.kubelet.dockerDisableSharedPID",
    "spec.masterKubelet.dockerDisableSharedPID",
    "instanceGroups.*.spec.kubelet.dockerDisableSharedPID",
    "spec.cloudConfig.awsEBSCSIDriver.enabled",
    "spec.cloudConfig.azure",
    "spec.cloudConfig.openstack",
    because="the field has no effect on AWS any more, and kOps does not keep it",
    over_user=True,
)
def dropped(c: Reader) -> Maybe:
    return UNSET


@rule(
    "spec.kubeScheduler.qps",
    "spec.kubeScheduler.burst",
    because="it moves to kube-scheduler's configuration file",
    over_user=True,
)
def moved_to_configuration_file(c: Reader) -> Maybe:
    return UNSET


@rule(
    "spec.networking",
    "spec.api",
    because="kOps does not keep the structure where nothing in it is set",
    over_user=True,
)
def empty_structure(c: Reader) -> Maybe:
    return UNSET if c.user_value(render(c.at)) == {} else None


@rule(
    "spec.authentication", because="kOps keeps OpenID Connect's settings there, and the structure with them"
)
def authentication(c: Reader) -> Value:
    settings = c.user_value("spec.kubeAPIServer")
    return {} if isinstance(settings, dict) and any(field in settings for field in _OIDC) else None


@rule(
    "spec.kubeAPIServer.oidcRequiredClaim",
    because="kOps keeps one value for each claim, in order of their names",
    over_user=True,
)
def required_claims(c: Reader) -> Maybe:
    yours = c.user_value("spec.kubeAPIServer.oidcRequiredClaim")
    if not isinstance(yours, list):
        return None
    claims = dict(str(each).partition("=")[::2] for each in yours)
    return [*sorted(f"{claim}={value}" for claim, value in claims.items())]


@rule(
    "spec.additionalPolicies",
    "spec.externalPolicies",
    because="the control plane's role is called master in this version of the document",
    over_user=True,
)
def policies_by_role(c: Reader) -> Maybe:
    yours = c.user_value(render(c.at))
    if not isinstance(yours, dict) or "control-plane" not in yours:
        return None
    renamed: Tree = {key: value for key, value in yours.items() if key != "control-plane"}
    return {**renamed, "master": yours["control-plane"]}


@rule(
    "spec.hooks[*].roles",
    because="the control plane's role is called Master in this version of the document",
    over_user=True,
)
def hook_roles(c: Reader) -> Maybe:
    yours = c.user_value(render(c.at))
    if not isinstance(yours, list):
        return None
    return ["Master" if role == "ControlPlane" else role for role in yours]
