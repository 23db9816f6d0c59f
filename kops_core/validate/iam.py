"""Validation of IAM policies of roles and service accounts, and of the issuer's location."""

from __future__ import annotations

from kops_core.api.json_text import read_json
from kops_core.api.values import Tree
from kops_core.validate.field import Field, Findings
from kops_core.validate.formats import arn_resource

_ROLES = (
    "control-plane",
    "master",
    "apiserver",
    "node",
    "bastion",
    "etcd",
    "scheduler",
    "kubecontrollermanager",
)
_POLICY_EXAMPLE = "arn:aws:iam::123456789012:policy/Name"


def check_iam(spec: Field, *, strict: bool) -> Findings:
    """``spec.iam``, ``additionalPolicies``, ``externalPolicies`` and the AWS authenticator.

    strict: before a plan.
    """
    legacy = spec.at("iam.legacy")
    if legacy.on:
        yield legacy.forbidden("legacy permissions are gone: set it to false")
    yield from _service_accounts(spec.at("iam.serviceAccountExternalPermissions"), strict=strict)
    for name in ("additionalPolicies", "externalPolicies"):
        for role, _ in spec.at(name).entries:
            if role not in _ROLES:
                yield spec.at(name).unsupported_key(role, _ROLES)
    for _, statements in spec.at("additionalPolicies").entries:
        yield from _statements(statements)
    for _, policies in spec.at("externalPolicies").entries:
        for policy in policies.texts:
            if not (arn_resource(policy) or "").startswith("policy/"):
                yield policies.invalid(
                    f"{policy!r} is not the ARN of a policy: write it like {_POLICY_EXAMPLE}"
                )
    yield from _authenticator(spec.at("authentication.aws"))


def _service_accounts(accounts: Field, *, strict: bool) -> Findings:
    seen: set[tuple[str, str]] = set()
    for account in accounts.items:
        name, namespace, aws = account.at("name"), account.at("namespace"), account.at("aws")
        if not namespace.text:
            yield namespace.required("name the service account's namespace")
        if not name.text:
            yield name.required("name the service account")
        if strict and "*" in name.text:
            yield name.invalid("only the namespace may have a wildcard: name the service account")
        if (namespace.text, name.text) in seen:
            yield account.duplicate(f"{namespace.text}/{name.text} is listed twice: join the two")
        seen.add((namespace.text, name.text))
        if not aws.is_set:
            yield aws.required("say what it may do: set policyARNs or inlinePolicy")
            continue
        has_arns, has_inline = bool(aws.at("policyARNs").items), bool(aws.at("inlinePolicy").text)
        if not has_arns and not has_inline:
            yield aws.required("say what it may do: set policyARNs or inlinePolicy")
        if has_arns and has_inline:
            yield aws.forbidden("policyARNs and inlinePolicy exclude each other: keep one")
        if strict and has_inline and _parsed(aws.at("inlinePolicy")) is None:
            yield aws.at("inlinePolicy").invalid(_NOT_STATEMENTS)


_NOT_STATEMENTS = "it must be a JSON list of IAM statements"


def _parsed(policy: Field) -> list[Tree] | None:
    """The statements of a JSON list; None if the text is not one."""
    try:
        found = read_json(policy.text)
    except ValueError:
        return None
    if found is None:
        return []
    if not isinstance(found, list):
        return None
    statements = [each for each in found if isinstance(each, dict)]
    return statements if len(statements) == len(found) else None


def _statements(policy: Field) -> Findings:
    """A JSON list of IAM statements."""
    found = _parsed(policy)
    if found is None:
        yield policy.invalid(_NOT_STATEMENTS)
        return
    for position, statement in enumerate(found):
        effect = policy.key(position).key("Effect")
        written = statement.get("Effect")
        if not written:
            yield effect.required("the statement needs an Effect: Allow or Deny")
        elif written not in ("Allow", "Deny"):
            yield effect.unsupported(("Allow", "Deny"))


def _authenticator(aws: Field) -> Findings:
    mappings = aws.at("identityMappings")
    if mappings.items and "CRD" not in aws.at("backendMode").text:
        yield aws.at("backendMode").forbidden("identityMappings need the backend CRD: set it")
    for mapping in mappings.items:
        if not (arn_resource(mapping.at("arn").text) or "").startswith(("role/", "user/")):
            yield mapping.at("arn").invalid(
                "it is not the ARN of a role or user: write it like arn:aws:iam::123456789012:role/Name"
            )


def check_issuer(spec: Field) -> Findings:
    """``spec.serviceAccountIssuerDiscovery``."""
    issuer = spec.at("serviceAccountIssuerDiscovery")
    store, service = issuer.at("discoveryStore"), issuer.at("discoveryService")
    if store.text and service.is_set:
        yield store.forbidden("it excludes discoveryService: keep one")
    if store.text:
        yield from _discovery_store(store)
    if service.is_set and not service.at("url").text:
        yield service.at("url").required("name the service's URL")
    oidc = issuer.at("enableAWSOIDCProvider")
    if oidc.on and not store.text and not service.is_set:
        yield oidc.forbidden("AWS must be able to read the issuer: set discoveryStore")


def _discovery_store(store: Field) -> Findings:
    scheme, found, rest = store.text.partition("://")
    if not found or scheme not in ("s3", "gs", "memfs"):
        yield store.invalid("it must be in S3: write it like s3://bucket/folder")
    elif scheme == "s3" and "." in rest.partition("/")[0]:
        yield store.invalid("the bucket's name can't have dots, or TLS fails: use another bucket")
