"""IAM roles of instance groups and service accounts, with their policies and profiles."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from kops_core.api.json_text import read_json
from kops_core.cloud.aws.builders import node_policies, service_accounts
from kops_core.cloud.aws.builders.context import partition
from kops_core.cloud.aws.builders.policy import VERSION, ec2_service, trust, trust_machines
from kops_core.cloud.aws.builders.service_accounts import ServiceAccount
from kops_core.cloud.aws.builders.user_statements import users_statement
from kops_core.cloud.aws.names import iam_name, service_account_role_name
from kops_core.cloud.aws.resources.iam import (
    IAMInstanceProfile,
    IAMInstanceProfileRole,
    IAMOIDCProvider,
    IAMRole,
    IAMRolePolicy,
)
from kops_core.errors import FieldError, InvalidSpec
from kops_core.model.context import Context, Group, Role
from kops_core.model.documents import json_document
from kops_core.model.resource import Resource
from kops_core.model.template import Key, Ref, Template

_PREFIXES = {
    Role.CONTROL_PLANE: "masters",
    Role.API_SERVER: "apiservers",
    Role.NODE: "nodes",
    Role.BASTION: "bastions",
}
_EXPORTS = {
    Role.CONTROL_PLANE: "master",
    Role.API_SERVER: "apiserver",
    Role.NODE: "node",
    Role.BASTION: "bastion",
}
S3_ROOT_THUMBPRINTS = (
    "9e99a48a9960b14926bb7f3b02e22da2b0ab7280",
    "a9d53002e97e00e043244f3d170d6f4c414104fd",
)
"""SHA-1 of S3's root certificates, which kOps registers for discovery documents."""


def role_name(c: Context, role: Role) -> str:
    """Name of the IAM role and instance profile of the machines of a role."""
    return iam_name(_PREFIXES[role], c.name)


def profile_name(c: Context, group: Group) -> str:
    """Name of the instance profile of a group: the user's, if they named one."""
    given = group.text("iam.profile")
    return given.rpartition("/")[2] if given else role_name(c, group.role)


def iam(c: Context) -> Iterator[Resource]:
    """The resources of IAM."""
    for arn in dict.fromkeys(group.text("iam.profile") for group in c.groups):
        if arn:
            yield c.make(_users_profile, arn)
    managed = [group.role for group in c.groups if not group.text("iam.profile")]
    for role in dict.fromkeys(managed):
        yield c.make(_profile, role)
        yield c.make(_role, role)
        yield c.make(_role_policy, role)
        yield c.make(_profile_role, role)
        yield c.make(_external_policies, role)
        yield c.make(_additional_policy, role)
    for account in service_accounts.of_cluster(c):
        yield c.make(_account_role, account)
        yield c.make(_account_policy, account)
        if account.policy_arns:
            yield c.make(_account_external, account)
    if c.read.boolean("spec.serviceAccountIssuerDiscovery.enableAWSOIDCProvider"):
        yield c.make(_oidc_provider)


def _users_profile(c: Context, arn: str) -> IAMInstanceProfile:
    name = arn.rpartition("/")[2]
    return IAMInstanceProfile(name=name, shared=True, existing_id=name)


def _profile(c: Context, role: Role) -> IAMInstanceProfile:
    name = role_name(c, role)
    return IAMInstanceProfile(name=name, tags=c.tags(name))


def _role(c: Context, role: Role) -> IAMRole:
    name = role_name(c, role)
    return IAMRole(
        name=name,
        export_id=_EXPORTS[role] + "s",
        assume_role_policy_document=trust_machines(ec2_service(c.region)),
        permissions_boundary=c.read.string("spec.iam.permissionsBoundary") or "",
        tags=c.tags(name),
    )


def _profile_role(c: Context, role: Role) -> IAMInstanceProfileRole:
    name = role_name(c, role)
    return IAMInstanceProfileRole(
        name=name,
        instance_profile=Ref(Key("IAMInstanceProfile", name)),
        role=Ref(Key("IAMRole", name)),
    )


def _role_policy(c: Context, role: Role) -> IAMRolePolicy:
    name = role_name(c, role)
    document = node_policies.policy(c, role)
    return IAMRolePolicy(
        name=name, absent=not document, role=Ref(Key("IAMRole", name)), policy_document=document
    )


def _external_policies(c: Context, role: Role) -> IAMRolePolicy:
    arns = c.read.mapping("spec.externalPolicies").get(_policy_key(c, role, "externalPolicies"))
    return IAMRolePolicy(
        name=f"{_EXPORTS[role]}-policyoverride",
        absent=not arns,
        role=Ref(Key("IAMRole", role_name(c, role))),
        policy_arns=tuple(sorted(str(arn) for arn in arns)) if isinstance(arns, list) else (),
    )


def _policy_key(c: Context, role: Role, field: str) -> str:
    """The key of the user's policies for a role; in v1alpha2 also ``master``."""
    name = "control-plane" if role is Role.CONTROL_PLANE else _EXPORTS[role]
    table = c.read.mapping(f"spec.{field}")
    return "master" if name == "control-plane" and name not in table and "master" in table else name


def _additional_policy(c: Context, role: Role) -> IAMRolePolicy:
    name = role_name(c, role)
    key = _policy_key(c, role, "additionalPolicies")
    written = c.read.mapping("spec.additionalPolicies").get(key)
    return IAMRolePolicy(
        name=f"additional.{name}",
        absent=not written,
        role=Ref(Key("IAMRole", name)),
        policy_document=_statements(str(written), f"spec.additionalPolicies.{key}") if written else "",
    )


def _statements(written: str, path: str) -> Template:
    """The policy of the user's JSON statements."""
    try:
        parsed: Any = read_json(written)
    except ValueError as problem:
        raise InvalidSpec([FieldError("Invalid value", path, f"is not JSON: {problem}")]) from problem
    if not isinstance(parsed, list):
        raise InvalidSpec([FieldError("Invalid value", path, "must be a JSON list of IAM statements")])
    return json_document({"Statement": [users_statement(each, path) for each in parsed], "Version": VERSION})


def _account_role(c: Context, account: ServiceAccount) -> IAMRole:
    name = service_account_role_name(account.name, account.namespace, c.name)
    issuer = (c.read.string("spec.kubeAPIServer.serviceAccountIssuer") or "").removeprefix("https://")
    how = "StringLike" if "*" in account.namespace else "StringEquals"
    subject = f"system:serviceaccount:{account.namespace}:{account.name}"
    return IAMRole(
        name=name,
        export_id=f"{account.namespace}-{account.name}".replace("*", "wildcard").lower(),
        of_addon=account.builtin,
        assume_role_policy_document=trust(
            {"Federated": f"arn:{partition(c)}:iam::{c.account}:oidc-provider/{issuer}"},
            "sts:AssumeRoleWithWebIdentity",
            {how: {f"{issuer}:sub": subject}},
        ),
        permissions_boundary=c.read.string("spec.iam.permissionsBoundary") or "",
        tags={
            **c.tags(name),
            "service-account.kops.k8s.io/name": account.name,
            "service-account.kops.k8s.io/namespace": account.namespace.replace("*", "wildcard"),
        },
    )


def _account_policy(c: Context, account: ServiceAccount) -> IAMRolePolicy:
    name = service_account_role_name(account.name, account.namespace, c.name)
    document = (
        _statements(account.inline_policy, "spec.iam.serviceAccountExternalPermissions")
        if account.inline_policy
        else service_accounts.policy(c, account)
    )
    return IAMRolePolicy(
        name=name,
        absent=not document,
        of_addon=account.builtin,
        role=Ref(Key("IAMRole", name)),
        policy_document=document,
    )


def _account_external(c: Context, account: ServiceAccount) -> IAMRolePolicy:
    name = service_account_role_name(account.name, account.namespace, c.name)
    return IAMRolePolicy(
        name=f"external-{name}", role=Ref(Key("IAMRole", name)), policy_arns=account.policy_arns
    )


def _oidc_provider(c: Context) -> IAMOIDCProvider:
    return IAMOIDCProvider(
        name=c.name,
        url=c.read.string("spec.kubeAPIServer.serviceAccountIssuer"),
        client_id_list=(
            "amazonaws.com",
            *c.read.strings("spec.serviceAccountIssuerDiscovery.additionalAudiences"),
        ),
        thumbprint_list=S3_ROOT_THUMBPRINTS,
        tags=c.tags(c.name),
    )
