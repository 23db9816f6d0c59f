"""OIDC discovery: the issuer's two public documents, to verify tokens of service accounts."""

from __future__ import annotations

import json
from collections.abc import Iterator

from kops_core.infer.components.service_accounts import store_address
from kops_core.model.context import Context
from kops_core.model.keys import keyset
from kops_core.model.resource import Resource
from kops_core.model.store_resources import ManagedFile
from kops_core.model.template import Template

_STORE = "spec.serviceAccountIssuerDiscovery.discoveryStore"
KEYS = "openid/v1/jwks"
"""The path of the keys, below the issuer's URL."""


def documents(c: Context) -> Iterator[Resource]:
    """The discovery document (OpenID Connect Discovery 1.0) and the keys, if there is a store for them."""
    if c.read.string(_STORE):
        yield c.make(_keys)
        yield c.make(_document)


def _keys(c: Context) -> ManagedFile:
    return ManagedFile(
        name="keys.json",
        base=c.read.string(_STORE),
        location=KEYS,
        contents=Template.of(keyset("service-account", "jwks")),
        public=_public(c),
    )


def _document(c: Context) -> ManagedFile:
    issuer = _issuer(c)
    tree = {
        "issuer": issuer,
        "jwks_uri": f"{issuer}/{KEYS}",
        "authorization_endpoint": "urn:kubernetes:programmatic_authorization",
        "response_types_supported": ["id_token"],
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": ["RS256"],
        "claims_supported": ["sub", "iss"],
    }
    return ManagedFile(
        name="discovery.json",
        base=c.read.string(_STORE),
        location=".well-known/openid-configuration",
        contents=json.dumps(tree, indent=0),
        public=_public(c),
    )


def _issuer(c: Context) -> str:
    return c.read.string("spec.kubeAPIServer.serviceAccountIssuer") or ""


def _public(c: Context) -> bool | None:
    """Whether each object gets a public ACL: if the bucket is the issuer's URL and is not public itself."""
    store = c.read.string(_STORE) or ""
    scheme, _, rest = store.partition("://")
    if scheme != "s3" or store_address(c.read, store) != _issuer(c):
        return None
    return None if c.read.fact_or_none("buckets", rest.partition("/")[0], "public") else True
