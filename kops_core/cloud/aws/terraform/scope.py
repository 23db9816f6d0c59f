"""The scope of rendering: the other resources, and known values of the account."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, TypeAlias

from kops_core.cloud.aws.resources.network import ElasticIP
from kops_core.cloud.aws.terraform.addresses import address_of, attribute, data_file_name, name_of
from kops_core.cloud.terraform.hcl import Body, DataFile, Expression, Value, inline
from kops_core.model.resolve import Unresolved
from kops_core.model.resource import Lifecycle, Resource
from kops_core.model.template import Content, Key, Link, Ref, Template

HOSTED_ZONE = "/hostedzone/"
"""Prefix of a zone's id in Route 53's API, and in kOps' Terraform."""
WRITTEN = frozenset({Lifecycle.SYNC, Lifecycle.WARN_IF_INSUFFICIENT_ACCESS})
"""Lifecycles of resources that the module declares; others have to exist."""


@dataclass(frozen=True)
class Objects:
    """A location in S3 for managed files."""

    bucket: str
    prefix: str
    region: str
    """The bucket's."""
    encryption: str | None = "AES256"
    """None for a bucket that encrypts by default."""


@dataclass(frozen=True)
class TerraformSettings:
    """The input of the Terraform target beside the desired resources."""

    region: str
    known: Callable[[Ref], str | None]
    """Known values: ids of shared resources, hosted zones, certificates of keysets."""
    objects: Callable[[str | None], Objects]
    """The location of a base URL of managed files; None for the cluster's own."""
    provider: Mapping[str, str] = field(default_factory=dict)
    """More arguments of the provider: ``spec.target.terraform.providerExtraConfig``."""
    files_provider: Mapping[str, str] = field(default_factory=dict)
    """The same for managed files: ``filesProviderExtraConfig``."""
    zone_vpcs: Mapping[str, Collection[str]] = field(default_factory=dict)
    """VPCs that private hosted zones are associated with already, by the zones' ids."""
    acl: str = ""
    """ACL of every managed file: ``KOPS_STATE_S3_ACL``."""


def is_users(resource: Resource) -> bool:
    """Whether a resource is shared, so that the module refers to it by id.

    An address that the spec names by its IP (``publicIP``) has no id; as in kOps, the module allocates one.
    """
    return resource.shared and not (isinstance(resource, ElasticIP) and not resource.existing_id)


@dataclass(frozen=True)
class Scope:
    """The resources of a cluster while they are rendered."""

    resources: Mapping[Key, Resource]
    settings: TerraformSettings

    def declares(self, resource: Resource) -> bool:
        """Whether the module declares a resource, so that others can refer to it."""
        return not (is_users(resource) or resource.absent) and resource.lifecycle in WRITTEN

    def link(self, value: Link, attribute: str = "") -> Value | None:
        """An argument that refers to another resource: its id if it exists already, else its address.

        attribute: another one of the same resource.
        """
        if not isinstance(value, Ref):
            return value
        return self.property(replace(value, attribute=attribute) if attribute else value)

    def links(self, values: tuple[Link, ...] | None, *, ordered: bool = False) -> tuple[Value, ...]:
        """Several such arguments, sorted unless their order matters."""
        found = [linked for each in values or () if (linked := self.link(each)) is not None]
        return tuple(found if ordered else sorted(found, key=inline))

    def known(self, ref: Ref) -> str:
        """The value of something that exists already. Raises Unresolved."""
        value = self._value(ref)
        if value is None:
            raise Unresolved(f"its {ref.attribute} is not known", where=str(ref.key))
        return value

    def property(self, ref: Ref) -> Value:
        """An attribute of a resource.

        Raises Unresolved if it is only known in the account and was not read.
        """
        target = self.resources[ref.key]
        if ref.key.kind == "DNSZone":
            return HOSTED_ZONE + self.known(ref)
        if is_users(target):
            return target.existing_id or self.known(ref)
        if not self.declares(target):
            known = self.settings.known(ref)
            if known is not None:
                return known
            if target.lifecycle is Lifecycle.EXISTS_AND_VALIDATES:
                raise Unresolved("has to exist by its lifecycle, and does not", where=str(ref.key))
        address = f"{address_of(type(target)).type}.{name_of(target)}"
        return Expression(f"{address}.{attribute(target, ref.attribute)}")

    def file(
        self, resource: Resource, argument: str, content: Content, *, base64: bool = False
    ) -> DataFile | None:
        """An argument that is kept in a file of its own. Raises Unresolved."""
        text = self.text(content, resource)
        return DataFile(data_file_name(resource, argument), text, base64) if text is not None else None

    def text(self, content: Content, resource: Resource) -> str | None:
        """A text, with the values behind its references. Raises Unresolved."""
        if not isinstance(content, Template):
            return content
        text = content.resolve(self._value)
        if text is None:
            missing = next(ref for ref in content.refs() if self._value(ref) is None)
            raise Unresolved(f"{missing.key} has no {missing.attribute} yet", where=str(resource.key))
        return text

    def _value(self, ref: Ref) -> str | None:
        target = self.resources[ref.key]
        if ref.attribute == "id" and target.existing_id:
            return target.existing_id
        return self.settings.known(ref)


Arguments: TypeAlias = Callable[[Scope, Any], Body]
"""Renders the arguments of a resource of a kind."""
