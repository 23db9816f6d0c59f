"""The AWS SDK's descriptions of services, cut down once to the operations that are used.

botocore reads the whole description of a service to make a client: for EC2 that is 0.1 s of CPU and 25 MB of
memory for 750 operations, of which this program uses 90. What is left of a description after cutting is kept
in the cache folder, by the path, size and time of the SDK's own file, so that another version of the SDK is
read anew. A cache that can't be read or written is as if it were empty.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

from botocore.loaders import JSONFileLoader

from kops_core.store.cache_files import write_cached

_Description = dict[str, Any]

_USED: Final = {
    "ec2": """
        AllocateAddress AssociateDhcpOptions AssociateRouteTable AssociateSubnetCidrBlock
        AssociateVpcCidrBlock AttachInternetGateway AuthorizeSecurityGroupEgress
        AuthorizeSecurityGroupIngress CreateDhcpOptions CreateEgressOnlyInternetGateway
        CreateInternetGateway CreateLaunchTemplate CreateLaunchTemplateVersion CreateNatGateway CreateRoute
        CreateRouteTable CreateSecurityGroup CreateSubnet CreateTags CreateVolume CreateVpc
        DeleteDhcpOptions DeleteEgressOnlyInternetGateway DeleteInternetGateway DeleteKeyPair
        DeleteLaunchTemplate DeleteNatGateway DeleteNetworkInterface DeleteRoute DeleteRouteTable
        DeleteSecurityGroup DeleteSubnet DeleteTags DeleteVolume DeleteVpc DescribeAddresses
        DescribeAvailabilityZones DescribeDhcpOptions DescribeEgressOnlyInternetGateways DescribeImages
        DescribeInstanceTypeOfferings DescribeInstanceTypes DescribeInstances DescribeInternetGateways
        DescribeKeyPairs DescribeLaunchTemplateVersions DescribeLaunchTemplates DescribeNatGateways
        DescribeNetworkInterfaces DescribeRouteTables DescribeSecurityGroupRules DescribeSecurityGroups
        DescribeSubnets DescribeVolumes DescribeVpcAttribute DescribeVpcEndpoints DescribeVpcs
        DetachInternetGateway DisassociateRouteTable DisassociateVpcCidrBlock ImportKeyPair
        ModifyLaunchTemplate ModifySubnetAttribute ModifyVolume ModifyVpcAttribute ReleaseAddress
        ReplaceRoute ReplaceRouteTableAssociation RevokeSecurityGroupEgress RevokeSecurityGroupIngress
        TerminateInstances
    """,
    "iam": """
        AddClientIDToOpenIDConnectProvider AddRoleToInstanceProfile AttachRolePolicy CreateInstanceProfile
        CreateOpenIDConnectProvider CreateRole DeleteInstanceProfile DeleteOpenIDConnectProvider DeleteRole
        DeleteRolePermissionsBoundary DeleteRolePolicy DetachRolePolicy GetInstanceProfile
        GetOpenIDConnectProvider GetRole GetRolePolicy ListAttachedRolePolicies ListInstanceProfiles
        ListInstanceProfilesForRole ListOpenIDConnectProviders ListRolePolicies ListRoles
        PutRolePermissionsBoundary PutRolePolicy RemoveClientIDFromOpenIDConnectProvider
        RemoveRoleFromInstanceProfile TagInstanceProfile TagOpenIDConnectProvider TagRole
        UntagInstanceProfile UntagOpenIDConnectProvider UntagRole UpdateAssumeRolePolicy
        UpdateOpenIDConnectProviderThumbprint
    """,
    "s3": """
        DeleteObject DeleteObjects GetBucketEncryption GetBucketLifecycleConfiguration GetBucketLocation
        GetBucketPolicyStatus GetBucketVersioning GetObject HeadBucket HeadObject ListObjectVersions
        ListObjectsV2 PutObject
    """,
}
OPERATIONS: Final = {service: frozenset(names.split()) for service, names in _USED.items()}
"""The operations of the three largest descriptions; those of other services are read whole.

A test compares them with the calls in the code. The SDK itself calls HeadBucket, to find a bucket's region.
"""

_PREFIXES: Final = """
    autoscaling ec2 elasticloadbalancing events iam kms oidc portal.sso route53 s3 sqs ssm sts
"""
ENDPOINTS: Final = frozenset(_PREFIXES.split())
"""The endpoint prefixes of services that are used: ours, and those that credentials come from."""


class CutDescriptions(JSONFileLoader):
    """botocore's loader of description files, with a cache of what is left after cutting."""

    def __init__(self, folder: Path) -> None:
        """folder: of the cache."""
        self._folder = folder

    def load_file(self, file_path: str) -> Any:
        """The contents of a file; ``file_path`` has no extension, as botocore calls it."""
        cut = _cut_for(Path(file_path))
        kept = _kept_as(file_path) if cut is not None else ""
        if cut is None or not kept:
            return super().load_file(file_path)
        path = self._folder / kept
        with suppress(OSError, ValueError):
            return json.loads(path.read_bytes())
        description = cut(super().load_file(file_path))
        with suppress(OSError):
            write_cached(path, json.dumps(description, separators=(",", ":")).encode())
        return description


def _cut_for(path: Path) -> Callable[[_Description], _Description] | None:
    """How to cut a file down; None for one that is read as it is."""
    if path.name == "endpoints":
        return cut_endpoints
    if path.name == "service-2" and path.parts[-3] in OPERATIONS:
        operations = OPERATIONS[path.parts[-3]]
        return lambda description: cut_service(description, operations)
    return None


def _kept_as(file_path: str) -> str:
    """The name in the cache of what is left of a file; "" if there is no such file."""
    for extension in (".json", ".json.gz"):
        with suppress(OSError):
            about = Path(file_path + extension).stat()
            wanted = [sorted(each) for each in (*OPERATIONS.values(), ENDPOINTS)]
            identity = json.dumps([file_path, about.st_mtime_ns, about.st_size, wanted])
            return f"{hashlib.sha256(identity.encode()).hexdigest()[:40]}.json"
    return ""


def cut_service(description: _Description, operations: frozenset[str]) -> _Description:
    """A service's description with some operations and the shapes that they use, without documentation."""
    kept = {name: each for name, each in description["operations"].items() if name in operations}
    shapes: dict[str, Any] = {}
    left = [each["shape"] for operation in kept.values() for each in _shape_references(operation)]
    while left:
        name = left.pop()
        if name not in shapes:
            shapes[name] = description["shapes"][name]
            left += [each["shape"] for each in _shape_references(shapes[name])]
    return {
        **{key: value for key, value in description.items() if key != "documentation"},
        "operations": {name: _without_documentation(each) for name, each in kept.items()},
        "shapes": {name: _without_documentation(each) for name, each in shapes.items()},
    }


def _shape_references(value: Any) -> list[dict[str, str]]:
    """The references to shapes in a part of a description."""
    if isinstance(value, list):
        return [each for item in value for each in _shape_references(item)]
    if not isinstance(value, dict):
        return []
    own = [value] if isinstance(value.get("shape"), str) else []
    return own + [each for item in value.values() for each in _shape_references(item)]


def _without_documentation(value: Any) -> Any:
    if isinstance(value, list):
        return [_without_documentation(item) for item in value]
    if not isinstance(value, dict):
        return value
    # A member may have the name, too: then it is a mapping.
    return {
        key: _without_documentation(item)
        for key, item in value.items()
        if key != "documentation" or isinstance(item, dict)
    }


def cut_endpoints(description: _Description) -> _Description:
    """The table of endpoints with the services that are used."""
    return {
        **description,
        "partitions": [
            {
                **partition,
                "services": {name: each for name, each in partition["services"].items() if name in ENDPOINTS},
            }
            for partition in description["partitions"]
        ],
    }
