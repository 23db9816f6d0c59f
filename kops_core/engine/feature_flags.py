"""``KOPS_FEATURE_FLAGS``: the one reader of kOps' feature flags.

Facts: kOps' ``pkg/featureflag``. Names are separated by commas; ``Name`` and ``+Name`` turn a flag
on, ``-Name`` turns it off, the last mention counts, and a name that is not known changes nothing.
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
"""Every flag that kOps 1.37 knows, and whether it is on when nobody mentions it."""


@dataclass(frozen=True)
class FeatureFlags:
    """The flags of a run."""

    on: tuple[str, ...]
    """Names of the flags that are on, sorted, those that are on by default included."""
    unknown: tuple[str, ...] = ()
    """Names that were mentioned and that kOps does not know, as they were written."""


def read_feature_flags(text: str) -> FeatureFlags:
    """The flags that the value of ``KOPS_FEATURE_FLAGS`` asks for."""
    state, unknown = dict(DEFAULTS), list[str]()
    for word in filter(None, map(str.strip, text.split(","))):
        name = word[1:] if word[0] in "+-" else word
        if name in state:
            state[name] = word[0] != "-"
        else:
            unknown.append(word)
    return FeatureFlags(tuple(sorted(name for name, on in state.items() if on)), tuple(unknown))
