"""IAM roles, their policies and instance profiles, with the IAM API's field names."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from kops_core.cloud.aws.policies import same_policy
from kops_core.model.kind_spec import Area, NotInTerraform, Phase, TerraformName
from kops_core.model.prune_policy import delete_always
from kops_core.model.resource import KindSpec, Resource, attr
from kops_core.model.template import Content, Link


def _phase_of_role(resource: IAMRole | IAMRolePolicy) -> Phase:
    """The phase of a role: add-ons' roles are created with the cluster, as in kOps."""
    return Phase.CLUSTER if resource.of_addon else Phase.SECURITY


@dataclass(frozen=True, kw_only=True)
class IAMRole(Resource):
    """A role, named as it is in IAM. Outputs: ``id`` (its name), ``arn``."""

    spec = KindSpec(
        area=Area.IAM,
        phase=_phase_of_role,
        prune=delete_always,
        terraform=TerraformName("aws_iam_role", reference="name", attributes={"arn": "arn"}),
    )

    export_id: str = ""
    """The role's part in Terraform's outputs, e.g. ``masters``."""
    of_addon: bool = False
    """Whether it is an add-on's: kOps creates those in the phase of the cluster."""
    assume_role_policy_document: Content = attr(form="json", equivalent=same_policy)
    permissions_boundary: str | None = attr()
    """ARN of a policy; "" for none."""
    tags: Mapping[str, str] | None = attr()


@dataclass(frozen=True, kw_only=True)
class IAMRolePolicy(Resource):
    """Policies of a role: the inline one of this name, or the managed ones attached. No outputs.

    Exactly one of ``policy_document`` and ``policy_arns`` is set.
    """

    spec = KindSpec(
        area=Area.IAM,
        phase=_phase_of_role,
        needed_at_boot=True,
        terraform=TerraformName("aws_iam_role_policy"),
    )

    of_addon: bool = False
    """As of its role."""
    role: Link = attr(replace=True)
    policy_document: Content = attr(form="json", equivalent=same_policy)
    """Empty if there must be no inline policy."""
    policy_arns: tuple[str, ...] | None = attr(unordered=True)
    """All attached managed policies; may be empty."""


@dataclass(frozen=True, kw_only=True)
class IAMInstanceProfile(Resource):
    """An instance profile. Outputs: ``id`` (its name), ``arn``."""

    spec = KindSpec(
        area=Area.IAM,
        phase=Phase.SECURITY,
        shareable=True,
        terraform=TerraformName("aws_iam_instance_profile"),
    )

    tags: Mapping[str, str] | None = attr()


@dataclass(frozen=True, kw_only=True)
class IAMInstanceProfileRole(Resource):
    """The role of an instance profile, which has one at most. No outputs."""

    spec = KindSpec(
        area=Area.IAM,
        phase=Phase.SECURITY,
        needed_at_boot=True,
        terraform=NotInTerraform("an argument of the instance profile"),
    )

    instance_profile: Link = attr(immutable=True)
    role: Link = attr()


@dataclass(frozen=True, kw_only=True)
class IAMOIDCProvider(Resource):
    """The issuer of service account tokens, registered in IAM. Outputs: ``id`` and ``arn`` (the same)."""

    spec = KindSpec(
        area=Area.IAM,
        phase=Phase.SECURITY,
        terraform=TerraformName("aws_iam_openid_connect_provider", reference="arn"),
    )

    url: Content = attr(replace=True)
    """With ``https://``."""
    client_id_list: tuple[str, ...] | None = attr(unordered=True)
    thumbprint_list: tuple[str, ...] | None = attr(unordered=True)
    tags: Mapping[str, str] | None = attr()


KINDS: tuple[type[Resource], ...] = (
    IAMRole,
    IAMRolePolicy,
    IAMInstanceProfile,
    IAMInstanceProfileRole,
    IAMOIDCProvider,
)
