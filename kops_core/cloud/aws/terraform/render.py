"""Renders a cluster's desired resources as the files of a Terraform root module."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from kops_core.cloud.aws.resources.dns import DNSZone
from kops_core.cloud.aws.resources.iam import (
    IAMInstanceProfile,
    IAMInstanceProfileRole,
    IAMRolePolicy,
)
from kops_core.cloud.aws.resources.network import (
    VPC,
)
from kops_core.cloud.aws.terraform import balancers, events, files, groups, iam, network, outputs
from kops_core.cloud.aws.terraform.addresses import address_of, name_of
from kops_core.cloud.aws.terraform.scope import WRITTEN, Arguments, Scope, TerraformSettings, is_users
from kops_core.cloud.terraform.hcl import DATA, Block, Expression, Section, Value, data_files, text_of
from kops_core.errors import UsageError
from kops_core.model.build import DesiredState
from kops_core.model.resource import Resource
from kops_core.model.store_resources import ManagedFile
from kops_core.model.template import Key

MODULE = "kubernetes.tf"

_MODULES = (network, balancers, iam, groups, events, files)

ARGUMENTS: Mapping[type[Resource], Arguments] = {
    kind: arguments for module in _MODULES for kind, arguments in module.ARGUMENTS.items()
}
"""The functions that return the arguments of each kind with a Terraform address."""

REQUIRED_VERSION = ">= 0.15.0"
"""The required version of Terraform, as in kOps (``target_hcl2.go``)."""
AWS_PROVIDER: Mapping[str, Value] = {"source": "hashicorp/aws", "version": ">= 5.0.0"}
"""The provider and its version, as kOps requires it."""


def render(
    desired: DesiredState,
    settings: TerraformSettings,
    bodies: Mapping[type[Resource], Arguments] = ARGUMENTS,
) -> dict[str, bytes]:
    """The files by their names relative to the module: ``kubernetes.tf`` and those in ``data/``.

    Raises Unresolved for an existing resource that ``settings.known`` does not contain, UsageError for
    managed files that need several providers.
    """
    module = sections(desired, settings, bodies)
    found = {MODULE: text_of(module).encode()}
    for section in module:
        found |= {f"{DATA}/{each.name}": each.content.encode() for each in data_files(section.body)}
    return found


def sections(
    desired: DesiredState,
    settings: TerraformSettings,
    bodies: Mapping[type[Resource], Arguments] = ARGUMENTS,
) -> list[Section]:
    """The blocks of ``kubernetes.tf``, in order."""
    scope = Scope(desired.by_key(), settings)
    taken = [each for each in desired.resources if _taken(scope, each)]
    managed = [each for each in taken if isinstance(each, ManagedFile)]
    return [
        *outputs.sections(scope, desired.cluster, taken),
        *_providers(scope, managed),
        *sorted(_resources(scope, taken, bodies), key=lambda each: each.labels),
        *_data_sources(taken),
        _requirements(bool(managed)),
    ]


def _taken(scope: Scope, resource: Resource) -> bool:
    """Whether the module contains or refers to a resource."""
    if isinstance(resource, IAMInstanceProfile):
        carried = scope.resources.get(Key(IAMInstanceProfileRole.__name__, resource.name))
        return carried is not None and carried.lifecycle in WRITTEN
    return resource.lifecycle in WRITTEN and not resource.absent


def _resources(
    scope: Scope, taken: list[Resource], bodies: Mapping[type[Resource], Arguments]
) -> Iterator[Section]:
    for resource in taken:
        if isinstance(resource, DNSZone):
            yield from balancers.zone_association(scope, resource)
        elif isinstance(resource, IAMRolePolicy) and resource.policy_arns is not None:
            yield from iam.attachments(scope, resource)
        elif not is_users(resource) and type(resource) in bodies:
            body = bodies[type(resource)](scope, resource)
            yield Section("resource", (address_of(type(resource)).type, name_of(resource)), body)


def _data_sources(taken: list[Resource]) -> Iterator[Section]:
    for resource in taken:
        if isinstance(resource, VPC) and resource.shared:
            yield Section("data", (address_of(VPC).type, name_of(resource)), {"id": resource.existing_id})


def _providers(scope: Scope, managed: list[ManagedFile]) -> Iterator[Section]:
    settings = scope.settings
    yield _provider({"region": settings.region, **settings.provider})
    regions = sorted({settings.objects(each.base).region for each in managed})
    if len(regions) > 1:
        raise UsageError(
            f"managed files go to {' and '.join(regions)}, and one provider writes to one region",
            remedy="put the state store, etcd's backups and the discovery documents into one region",
        )
    for region in regions:
        yield _provider({"alias": files.ALIAS, "region": region, **settings.files_provider})


def _provider(found: Mapping[str, str]) -> Section:
    """A provider block; the user's strings may contain Terraform expressions, which are kept."""
    body = {name: Expression(f'"{text}"') if "${" in text else text for name, text in sorted(found.items())}
    return Section("provider", ("aws",), body)


def _requirements(with_files: bool) -> Section:
    aliases: Mapping[str, Value] = {"configuration_aliases": (Expression(f"aws.{files.ALIAS}"),)}
    aws = {**(aliases if with_files else {}), **AWS_PROVIDER}
    return Section(
        "terraform",
        (),
        {"required_version": REQUIRED_VERSION, "required_providers": Block({"aws": aws})},
    )
