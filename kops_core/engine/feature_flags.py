"""Reads kOps' feature flags from ``KOPS_FEATURE_FLAGS``.

Facts: kOps' ``pkg/featureflag``. Names are separated by commas; ``Name`` and ``+Name`` turn a flag
on, ``-Name`` turns it off, the last mention counts, and an unknown name changes nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

DEFAULTS: Final[Mapping[str, bool]] = {
    "APIServerNodes": False,
    "AWSSingleNodesInstanceGroup": False,
    "Azure": False,
    "AzureTerraform": False,
    "CacheNodeidentityInfo": False,
    "ClusterAPI": False,
    "ClusterAddons": False,
    "DOTerraform": False,
    "DiscoveryService": False,
    "EnableSeparateConfigBase": False,
    "EtcdEventsHTTP": False,
    "ExperimentalClusterDNS": False,
    "ExperimentalRoles": False,
    "GoogleCloudBucketAcl": False,
    "ImageDigest": True,
    "Linode": False,
    "Metal": False,
    "SELinuxMount": False,
    "Scaleway": False,
    "Spotinst": False,
    "SpotinstController": True,
    "SpotinstHybrid": False,
    "SpotinstOcean": False,
    "SpotinstOceanTemplate": False,
    "TerraformManagedFiles": True,
    "UseAddonOperators": False,
    "VPCSkipEnableDNSSupport": False,
}
"""All flags of kOps 1.37, and whether each is on by default."""


@dataclass(frozen=True)
class FeatureFlags:
    """The flags of a run."""

    on: tuple[str, ...]
    """Names of the flags that are on, sorted, those that are on by default included."""
    unknown: tuple[str, ...] = ()
    """Unknown names, as they were written."""


def read_feature_flags(text: str) -> FeatureFlags:
    """Parses the value of ``KOPS_FEATURE_FLAGS``."""
    state, unknown = dict(DEFAULTS), list[str]()
    for word in filter(None, map(str.strip, text.split(","))):
        name = word[1:] if word[0] in "+-" else word
        if name in state:
            state[name] = word[0] != "-"
        else:
            unknown.append(word)
    return FeatureFlags(tuple(sorted(name for name, on in state.items() if on)), tuple(unknown))
