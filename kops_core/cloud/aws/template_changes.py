"""How two versions of a launch template differ, by the names of what has changed; pure.

Values are told of images and machine types alone: user data may hold credentials, so that only the names of
its settings are.
"""

from __future__ import annotations

from base64 import b64decode
from collections.abc import Mapping
from typing import Any, Final

from kops_core.plan.user_data import changed_settings

_WITH_VALUES: Final = {"ImageId": "image", "InstanceType": "machine type"}
_NAMES: Final = {
    "BlockDeviceMappings": "volumes",
    "CreditSpecification": "CPU credits",
    "EbsOptimized": "EBS optimization",
    "IamInstanceProfile": "instance profile",
    "InstanceMarketOptions": "spot options",
    "KeyName": "SSH key",
    "MetadataOptions": "metadata options",
    "Monitoring": "monitoring",
    "NetworkInterfaces": "network interfaces",
    "Placement": "placement",
    "SecurityGroupIds": "security groups",
    "TagSpecifications": "tags",
}


def changed_fields(old: Mapping[str, Any], new: Mapping[str, Any]) -> tuple[str, ...]:
    """What differs between the LaunchTemplateData of two versions, a phrase for each field."""
    found = []
    for name in sorted(old.keys() | new.keys()):
        before, after = old.get(name), new.get(name)
        if before == after:
            continue
        if name in _WITH_VALUES:
            found.append(f"{_WITH_VALUES[name]} {before or 'none'} → {after or 'none'}")
        elif name == "UserData":
            settings = changed_settings(_decode(before), _decode(after))
            found.append(f"user data ({', '.join(settings)})" if settings else "user data")
        else:
            found.append(_NAMES.get(name, name))
    return tuple(found)


def _decode(data: object) -> str:
    return b64decode(data).decode(errors="replace") if isinstance(data, str) else ""
