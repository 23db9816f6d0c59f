"""DNS suffixes of AWS regions. Facts: botocore's ``partitions.json``."""

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
    """The DNS suffix of the services of a region, e.g. ``amazonaws.com.cn``."""
    return next((suffix for prefix, suffix in _SUFFIXES.items() if region.startswith(prefix)), USUAL)
