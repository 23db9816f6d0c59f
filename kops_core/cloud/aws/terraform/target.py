"""The settings of a cluster's Terraform module that its spec and account imply."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from kops_core.api.values import Value
from kops_core.cloud.aws.terraform.scope import Objects, TerraformSettings
from kops_core.errors import UsageError
from kops_core.infer.inference import Inference
from kops_core.model.template import Ref

TESTING_BUCKET, TESTING_REGION = "testingBucket", "us-test-1"
"""kOps' placeholder for the bucket of a store in memory, in its own tests (``memfs.go``)."""


def terraform_settings(
    inference: Inference,
    known: Callable[[Ref], str | None],
    bucket: Callable[[str], tuple[str, str | None]],
    *,
    acl: str = "",
) -> TerraformSettings:
    """The settings of the Terraform target for a cluster.

    known: as ``Snapshot.lookup``. bucket: the region of a bucket, and the encryption that objects have to
    ask for, None if the bucket encrypts by default. acl: KOPS_STATE_S3_ACL.
    """
    read = inference.reader()
    own = read.string("spec.configBase") or ""

    def objects(base: str | None) -> Objects:
        url = base or own
        scheme, _, rest = url.partition("://")
        if scheme == "memfs":
            return Objects(TESTING_BUCKET, rest, TESTING_REGION)
        name, _, prefix = rest.partition("/")
        if scheme != "s3" or not name:
            raise UsageError(
                "Terraform keeps managed files in S3 only",
                where=url,
                remedy="use a state store at s3://, or the direct target",
            )
        return Objects(name, prefix, *bucket(name))

    zones = {name: _texts(read.fact("hostedZones", name, "vpcs")) for name in read.fact_keys("hostedZones")}
    at = "spec.target.terraform"
    return TerraformSettings(
        region=str(read.fact("region")),
        known=known,
        objects=objects,
        provider=_strings(read.mapping(f"{at}.providerExtraConfig")),
        files_provider=_strings(read.mapping(f"{at}.filesProviderExtraConfig")),
        zone_vpcs=zones,
        acl=acl,
    )


def _texts(value: Value) -> tuple[str, ...]:
    return tuple(str(each) for each in value) if isinstance(value, list) else ()


def _strings(table: Mapping[str, Value]) -> dict[str, str]:
    return {name: str(value) for name, value in table.items() if value is not None}
