"""Terraform addresses of resources: types, names, and attributes for references."""

from __future__ import annotations

from kops_core.model.kind_spec import TerraformName
from kops_core.model.names import fnv1a_32
from kops_core.model.resource import Resource

POLICY_ATTACHMENT = "aws_iam_role_policy_attachment"
ZONE_ASSOCIATION = "aws_route53_zone_association"


def address_of(kind: type[Resource]) -> TerraformName:
    """The Terraform name of a kind. Raises TypeError for one without a Terraform resource."""
    found = kind.spec.terraform
    if not isinstance(found, TerraformName):
        raise TypeError(f"{kind.__name__} is {found.why}")
    return found


def identifier(name: str) -> str:
    """A valid Terraform name, as in kOps (``sanitizeName``)."""
    if name[:1].isdigit():
        name = f"prefix_{name}"
    return name.replace(".", "-").replace("/", "--").replace(":", "_")


def name_of(resource: Resource) -> str:
    """The name of a resource's declaration."""
    return identifier(address_of(type(resource)).name(resource))


def data_file_name(resource: Resource, argument: str) -> str:
    """The name of the file that holds an argument."""
    address = address_of(type(resource))
    return f"{address.type}_{address.name(resource)}_{argument}"


def attachment_name(policy: Resource, arn: str) -> str:
    """The name of the attachment of a managed policy."""
    return identifier(f"{policy.name}-{fnv1a_32(arn.encode())}")


def attribute(resource: Resource, ours: str) -> str:
    """Terraform's name of an attribute of a resource."""
    address = address_of(type(resource))
    return address.attributes.get(ours, address.reference)
