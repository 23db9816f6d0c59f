"""Adapters of IAM roles, policies, instance profiles and the issuer of service account tokens.

IAM can't filter by tag, so everything is read by name, in parallel.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from kops_core.cloud.aws.adapter import (
    Adapter,
    CallContext,
    Created,
    drop_none,
    require_resolved,
    tag_changes,
    tag_list,
)
from kops_core.cloud.aws.errors import code_of, if_there
from kops_core.cloud.aws.observation import ObservationContext, tags_of
from kops_core.cloud.aws.resources.iam import (
    IAMInstanceProfile,
    IAMInstanceProfileRole,
    IAMOIDCProvider,
    IAMRole,
    IAMRolePolicy,
)
from kops_core.plan.snapshot import Observed

if TYPE_CHECKING:
    from mypy_boto3_iam.type_defs import InstanceProfileTypeDef, RoleTypeDef


def _flat(items: Sequence[Sequence[Observed]]) -> list[Observed]:
    return [each for several in items for each in several]


def _role(reading: ObservationContext, name: str) -> RoleTypeDef | None:
    return reading.once(
        f"role {name}", lambda: if_there(lambda: reading.aws.iam.get_role(RoleName=name)["Role"])
    )


def _observe_role(reading: ObservationContext, desired: Sequence[IAMRole]) -> list[Observed]:
    wanted = {role.name: role for role in desired}
    listed = reading.begin(lambda: _roles_named_like_ours(reading))
    ours = reading.each(lambda name: _role(reading, name), wanted)
    others = reading.each(lambda name: _role(reading, name), sorted(listed.result() - wanted.keys()))
    left = [role for role in others if role and tags_of(role).get(reading.ownership_tag) == "owned"]
    return [_observed_role(wanted.get(role["RoleName"]), role) for role in (*ours, *left) if role is not None]


def _roles_named_like_ours(reading: ObservationContext) -> set[str]:
    pages = reading.aws.iam.get_paginator("list_roles").paginate(PaginationConfig={"PageSize": 1000})
    names = (role["RoleName"] for page in pages for role in page["Roles"])
    return {name for name in names if name.endswith(f".{reading.cluster}")}


def _observed_role(desired: IAMRole | None, role: RoleTypeDef) -> Observed:
    seen = replace(
        desired or IAMRole(name=role["RoleName"]),
        assume_role_policy_document=json.dumps(role.get("AssumeRolePolicyDocument", {})),
        permissions_boundary=role.get("PermissionsBoundary", {}).get("PermissionsBoundaryArn", ""),
        tags=tags_of(role),
    )
    return Observed(seen, role["RoleName"], {"arn": role["Arn"]})


def _create_role(work: CallContext, desired: IAMRole) -> Created:
    made = work.aws.iam.create_role(
        RoleName=desired.name,
        AssumeRolePolicyDocument=require_resolved(desired.assume_role_policy_document),
        Tags=tag_list(desired.tags),
        **drop_none(PermissionsBoundary=desired.permissions_boundary or None),
    )
    return Created(desired.name, {"arn": made["Role"]["Arn"]})


def _update_role(work: CallContext, desired: IAMRole, observed: Observed, changed: frozenset[str]) -> None:
    iam, name = work.aws.iam, observed.id
    if "assume_role_policy_document" in changed:
        iam.update_assume_role_policy(
            RoleName=name, PolicyDocument=require_resolved(desired.assume_role_policy_document)
        )
    if "permissions_boundary" in changed:
        if desired.permissions_boundary:
            iam.put_role_permissions_boundary(RoleName=name, PermissionsBoundary=desired.permissions_boundary)
        else:
            iam.delete_role_permissions_boundary(RoleName=name)
    if "tags" in changed:
        put, remove = tag_changes(desired.tags, getattr(observed.resource, "tags", None), whole=True)
        if put:
            iam.tag_role(RoleName=name, Tags=tag_list(put))
        if remove:
            iam.untag_role(RoleName=name, TagKeys=remove)


def _delete_role(work: CallContext, observed: Observed) -> None:
    iam, name = work.aws.iam, observed.id
    # IAM deletes a role only once nothing is attached to it.
    for page in iam.get_paginator("list_instance_profiles_for_role").paginate(RoleName=name):
        for profile in page["InstanceProfiles"]:
            iam.remove_role_from_instance_profile(
                InstanceProfileName=profile["InstanceProfileName"], RoleName=name
            )
    for inline in iam.get_paginator("list_role_policies").paginate(RoleName=name):
        for policy in inline["PolicyNames"]:
            iam.delete_role_policy(RoleName=name, PolicyName=policy)
    for attached in iam.get_paginator("list_attached_role_policies").paginate(RoleName=name):
        for managed in attached["AttachedPolicies"]:
            iam.detach_role_policy(RoleName=name, PolicyArn=managed["PolicyArn"])
    iam.delete_role(RoleName=name)


def _observe_policy(reading: ObservationContext, desired: Sequence[IAMRolePolicy]) -> list[Observed]:
    return _flat(reading.each(lambda policy: _observed_policy(reading, policy), desired))


def _observed_policy(reading: ObservationContext, desired: IAMRolePolicy) -> list[Observed]:
    role = reading.value(desired.role)
    if role is None:
        return []
    if desired.policy_arns is not None:
        arns = _attached(reading, role)
        return [Observed(replace(desired, role=role, policy_arns=arns), f"{role}:managed")]
    policy = if_there(lambda: reading.aws.iam.get_role_policy(RoleName=role, PolicyName=desired.name))
    if policy is None and desired.policy_document != "":
        return []
    document = json.dumps(policy["PolicyDocument"]) if policy else ""
    return [Observed(replace(desired, role=role, policy_document=document), f"{role}:{desired.name}")]


def _attached(reading: ObservationContext, role: str) -> tuple[str, ...]:
    pages = reading.aws.iam.get_paginator("list_attached_role_policies").paginate(RoleName=role)
    return tuple(policy["PolicyArn"] for page in pages for policy in page["AttachedPolicies"])


def _create_policy(work: CallContext, desired: IAMRolePolicy) -> Created:
    role = require_resolved(desired.role)
    if desired.policy_arns is not None:
        for arn in desired.policy_arns:
            work.aws.iam.attach_role_policy(RoleName=role, PolicyArn=arn)
        return Created(f"{role}:managed")
    if desired.policy_document:
        work.aws.iam.put_role_policy(
            RoleName=role, PolicyName=desired.name, PolicyDocument=require_resolved(desired.policy_document)
        )
    return Created(f"{role}:{desired.name}")


def _update_policy(
    work: CallContext, desired: IAMRolePolicy, observed: Observed, changed: frozenset[str]
) -> None:
    role = require_resolved(desired.role)
    there = getattr(observed.resource, "policy_arns", None) or ()
    for arn in sorted(set(there) - set(desired.policy_arns or ())):
        work.aws.iam.detach_role_policy(RoleName=role, PolicyArn=arn)
    if desired.policy_document == "":
        work.aws.iam.delete_role_policy(RoleName=role, PolicyName=desired.name)
    _create_policy(work, desired)


def _delete_policy(work: CallContext, observed: Observed) -> None:
    seen = observed.resource
    if not isinstance(seen, IAMRolePolicy):
        return
    role = require_resolved(seen.role)
    for arn in seen.policy_arns or ():
        work.aws.iam.detach_role_policy(RoleName=role, PolicyArn=arn)
    if seen.policy_document:
        work.aws.iam.delete_role_policy(RoleName=role, PolicyName=seen.name)


def _profile(reading: ObservationContext, name: str) -> InstanceProfileTypeDef | None:
    return reading.once(
        f"profile {name}",
        lambda: if_there(
            lambda: reading.aws.iam.get_instance_profile(InstanceProfileName=name)["InstanceProfile"]
        ),
    )


def _observe_profile(reading: ObservationContext, desired: Sequence[IAMInstanceProfile]) -> list[Observed]:
    profiles = reading.each(lambda each: _profile(reading, each.existing_id or each.name), desired)
    return [
        Observed(replace(wanted, tags=tags_of(found)), found["InstanceProfileName"], {"arn": found["Arn"]})
        for wanted, found in zip(desired, profiles, strict=True)
        if found
    ]


def _create_profile(work: CallContext, desired: IAMInstanceProfile) -> Created:
    iam = work.aws.iam
    try:
        made = iam.create_instance_profile(InstanceProfileName=desired.name)
    except ClientError as error:
        if code_of(error) != "EntityAlreadyExists":
            raise
        arn = iam.get_instance_profile(InstanceProfileName=desired.name)["InstanceProfile"]["Arn"]
    else:
        arn = made["InstanceProfile"]["Arn"]
    if desired.tags:
        iam.tag_instance_profile(InstanceProfileName=desired.name, Tags=tag_list(desired.tags))
    return Created(desired.name, {"arn": arn})


def _update_profile(
    work: CallContext, desired: IAMInstanceProfile, observed: Observed, changed: frozenset[str]
) -> None:
    put, remove = tag_changes(desired.tags, getattr(observed.resource, "tags", None), whole=True)
    if put:
        work.aws.iam.tag_instance_profile(InstanceProfileName=observed.id, Tags=tag_list(put))
    if remove:
        work.aws.iam.untag_instance_profile(InstanceProfileName=observed.id, TagKeys=remove)


def _delete_profile(work: CallContext, observed: Observed) -> None:
    iam, name = work.aws.iam, observed.id
    for role in iam.get_instance_profile(InstanceProfileName=name)["InstanceProfile"]["Roles"]:
        iam.remove_role_from_instance_profile(InstanceProfileName=name, RoleName=role["RoleName"])
    iam.delete_instance_profile(InstanceProfileName=name)


def _observe_profile_role(
    reading: ObservationContext, desired: Sequence[IAMInstanceProfileRole]
) -> list[Observed]:
    found = []
    for wanted in desired:
        name = reading.value(wanted.instance_profile)
        profile = _profile(reading, name) if name else None
        if profile and profile["Roles"]:
            role = profile["Roles"][0]["RoleName"]
            seen = replace(wanted, instance_profile=name, role=role)
            found.append(Observed(seen, f"{name}:{role}"))
    return found


def _create_profile_role(work: CallContext, desired: IAMInstanceProfileRole) -> Created:
    profile, role = require_resolved(desired.instance_profile), require_resolved(desired.role)
    work.aws.iam.add_role_to_instance_profile(InstanceProfileName=profile, RoleName=role)
    return Created(f"{profile}:{role}")


def _update_profile_role(
    work: CallContext, desired: IAMInstanceProfileRole, observed: Observed, changed: frozenset[str]
) -> None:
    _delete_profile_role(work, observed)
    _create_profile_role(work, desired)


def _delete_profile_role(work: CallContext, observed: Observed) -> None:
    profile, role = observed.id.split(":")
    work.aws.iam.remove_role_from_instance_profile(InstanceProfileName=profile, RoleName=role)


def _observe_provider(reading: ObservationContext, desired: Sequence[IAMOIDCProvider]) -> list[Observed]:
    listed = reading.aws.iam.list_open_id_connect_providers()["OpenIDConnectProviderList"]
    found = []
    for wanted in desired:
        url = (reading.value(wanted.url) or "").removeprefix("https://")
        for each in listed:
            if url and each["Arn"].endswith(f":oidc-provider/{url}"):
                item = reading.aws.iam.get_open_id_connect_provider(OpenIDConnectProviderArn=each["Arn"])
                seen = replace(
                    wanted,
                    url=f"https://{url}",
                    client_id_list=tuple(item["ClientIDList"]),
                    thumbprint_list=tuple(item["ThumbprintList"]),
                    tags=tags_of(item),
                )
                found.append(Observed(seen, each["Arn"], {"arn": each["Arn"]}))
    return found


def _create_provider(work: CallContext, desired: IAMOIDCProvider) -> Created:
    made = work.aws.iam.create_open_id_connect_provider(
        Url=require_resolved(desired.url),
        ClientIDList=list(desired.client_id_list or ()),
        ThumbprintList=list(desired.thumbprint_list or ()),
        Tags=tag_list(desired.tags),
    )
    arn = made["OpenIDConnectProviderArn"]
    return Created(arn, {"arn": arn})


def _update_provider(
    work: CallContext, desired: IAMOIDCProvider, observed: Observed, changed: frozenset[str]
) -> None:
    iam, arn = work.aws.iam, observed.id
    there = set(getattr(observed.resource, "client_id_list", None) or ())
    for client in sorted(set(desired.client_id_list or ()) - there):
        iam.add_client_id_to_open_id_connect_provider(OpenIDConnectProviderArn=arn, ClientID=client)
    for client in sorted(there - set(desired.client_id_list or ())) if "client_id_list" in changed else ():
        iam.remove_client_id_from_open_id_connect_provider(OpenIDConnectProviderArn=arn, ClientID=client)
    if "thumbprint_list" in changed:
        iam.update_open_id_connect_provider_thumbprint(
            OpenIDConnectProviderArn=arn, ThumbprintList=list(desired.thumbprint_list or ())
        )
    put, remove = tag_changes(desired.tags, getattr(observed.resource, "tags", None), whole=True)
    if put:
        iam.tag_open_id_connect_provider(OpenIDConnectProviderArn=arn, Tags=tag_list(put))
    if remove:
        iam.untag_open_id_connect_provider(OpenIDConnectProviderArn=arn, TagKeys=remove)


def _delete_provider(work: CallContext, observed: Observed) -> None:
    work.aws.iam.delete_open_id_connect_provider(OpenIDConnectProviderArn=observed.id)


ADAPTERS = (
    Adapter(IAMRole, _observe_role, _create_role, _update_role, _delete_role),
    Adapter(IAMRolePolicy, _observe_policy, _create_policy, _update_policy, _delete_policy),
    Adapter(IAMInstanceProfile, _observe_profile, _create_profile, _update_profile, _delete_profile),
    Adapter(
        IAMInstanceProfileRole,
        _observe_profile_role,
        _create_profile_role,
        _update_profile_role,
        _delete_profile_role,
    ),
    Adapter(IAMOIDCProvider, _observe_provider, _create_provider, _update_provider, _delete_provider),
)
