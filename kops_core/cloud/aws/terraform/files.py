"""Arguments of managed files, which Terraform writes to S3 with a provider of their own."""

from __future__ import annotations

import posixpath
from collections.abc import Mapping

from kops_core.cloud.aws.terraform.scope import Arguments, Scope
from kops_core.cloud.terraform.hcl import Body, Expression, arguments
from kops_core.model.resource import Resource
from kops_core.model.store_resources import AddonManifest, BootstrapChannel, ManagedFile

ALIAS = "files"
"""Alias of the provider for managed files: their bucket may be in another region than the cluster."""


def managed_file(s: Scope, r: ManagedFile) -> Body:
    """aws_s3_object."""
    place = s.settings.objects(r.base)
    return arguments(
        acl=s.settings.acl or ("public-read" if r.public else None),
        bucket=place.bucket,
        content=s.file(r, "content", r.contents),
        key=posixpath.normpath(f"{place.prefix}/{r.location}").lstrip("/"),
        provider=Expression(f"aws.{ALIAS}"),
        server_side_encryption=place.encryption,
    )


ARGUMENTS: Mapping[type[Resource], Arguments] = {
    ManagedFile: managed_file,
    AddonManifest: managed_file,
    BootstrapChannel: managed_file,
}
