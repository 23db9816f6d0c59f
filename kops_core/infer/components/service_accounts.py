"""The issuer of service account tokens. Facts: kOps' ``components/discovery.go``, S3's endpoint rules."""

from __future__ import annotations

import posixpath

from kops_core.api.values import Value
from kops_core.errors import FieldError, InvalidSpec
from kops_core.infer.aws_regions import dns_suffix
from kops_core.infer.common import is_ipv6
from kops_core.infer.reader import Reader
from kops_core.infer.rules import rule

_STORE = "spec.serviceAccountIssuerDiscovery.discoveryStore"
_SERVICE = "spec.serviceAccountIssuerDiscovery.discoveryService"


@rule(
    "spec.kubeAPIServer.serviceAccountIssuer",
    because="without a discovery store or service, the API itself is the issuer",
)
def service_account_issuer(c: Reader) -> Value:
    store = c.string(_STORE)
    if store:
        c.because("the issuer's keys are published in the discovery store")
        return store_address(c, store)
    if c.has(_SERVICE):
        c.because("the issuer's keys are published by the discovery service")
        return c.string(f"{_SERVICE}.url")
    return f"https://api.internal.{c.string('metadata.name')}"


def store_address(c: Reader, store: str) -> str:
    """The HTTPS address of a discovery store. Raises InvalidSpec for stores that have none."""
    scheme, _, rest = store.partition("://")
    if scheme == "memfs":
        return f"https://{rest}"
    if scheme != "s3":
        raise InvalidSpec(
            [FieldError("Invalid value", _STORE, "must be an S3 location: only there are keys published")]
        )
    bucket, _, key = rest.partition("/")
    region = c.fact("buckets", bucket, "region")
    service = "s3.dualstack" if is_ipv6(c) else "s3"
    host = f"{service}.{region}.{dns_suffix(str(region))}"
    # A bucket's name with dots does not fit the wildcard of S3's certificate.
    place = f"{host}/{bucket}" if "." in bucket else f"{bucket}.{host}"
    key = posixpath.normpath(key).strip("/") if key.strip("/") else ""
    return f"https://{place}/{key}" if key else f"https://{place}"
