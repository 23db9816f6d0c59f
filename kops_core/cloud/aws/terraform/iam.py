"""Arguments of IAM's resources."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from kops_core.cloud.aws.resources.iam import (
    IAMInstanceProfile,
    IAMInstanceProfileRole,
    IAMOIDCProvider,
    IAMRole,
    IAMRolePolicy,
)
from kops_core.cloud.aws.terraform.addresses import POLICY_ATTACHMENT, attachment_name
from kops_core.cloud.aws.terraform.scope import Arguments, Scope
from kops_core.cloud.terraform.hcl import Body, Section, arguments
from kops_core.model.resource import Resource
from kops_core.model.template import Key


def role(s: Scope, r: IAMRole) -> Body:
    """aws_iam_role."""
    return arguments(
        assume_role_policy=s.file(r, "policy", r.assume_role_policy_document),
        name=r.name,
        permissions_boundary=r.permissions_boundary or None,
        tags=r.tags,
    )


def role_policy(s: Scope, r: IAMRolePolicy) -> Body:
    """aws_iam_role_policy, the inline one."""
    return arguments(name=r.name, policy=s.file(r, "policy", r.policy_document), role=s.link(r.role))


def attachments(s: Scope, r: IAMRolePolicy) -> Iterator[Section]:
    """aws_iam_role_policy_attachment, one a managed policy."""
    for arn in r.policy_arns or ():
        yield Section(
            "resource",
            (POLICY_ATTACHMENT, attachment_name(r, arn)),
            arguments(policy_arn=arn, role=s.link(r.role)),
        )


def instance_profile(s: Scope, r: IAMInstanceProfile) -> Body:
    """aws_iam_instance_profile with its role, which is no resource of its own."""
    carried = s.resources.get(Key(IAMInstanceProfileRole.__name__, r.name))
    link = carried.role if isinstance(carried, IAMInstanceProfileRole) else None
    return arguments(name=r.name, role=s.link(link), tags=r.tags)


def oidc_provider(s: Scope, r: IAMOIDCProvider) -> Body:
    """aws_iam_openid_connect_provider."""
    return arguments(
        client_id_list=r.client_id_list,
        tags=r.tags,
        thumbprint_list=r.thumbprint_list,
        url=s.text(r.url, r),
    )


ARGUMENTS: Mapping[type[Resource], Arguments] = {
    IAMRole: role,
    IAMRolePolicy: role_policy,
    IAMInstanceProfile: instance_profile,
    IAMOIDCProvider: oidc_provider,
}
