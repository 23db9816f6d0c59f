"""What a region's name tells: the partition's DNS suffix. Facts: botocore's ``partitions.json``."""

from __future__ import annotations

_SUFFIXES = {
    "cn-": "amazonaws.com.cn",
    "eu-isoe-": "cloud.adc-e.uk",
    "eusc-": "amazonaws.eu",
    "us-iso-": "c2s.ic.gov",
    "us-isob-": "sc2s.sgov.gov",
    "us-isof-": "csp.hci.ic.gov",
}
USUAL = "amazonaws.com"
"""The suffix of commercial regions and of GovCloud."""


def dns_suffix(region: str) -> str:
    """What the host names of a region's services end in, e.g. ``amazonaws.com.cn``."""
    return next((suffix for prefix, suffix in _SUFFIXES.items() if region.startswith(prefix)), USUAL)
