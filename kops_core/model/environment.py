"""Environment variables of kOps' programs on machines: egress proxy, region, service of the store.

Facts: kOps' ``util/pkg/env``.
"""

from __future__ import annotations

from kops_core.model.context import Context

STORE = ("S3_REGION", "S3_ENDPOINT", "S3_ACCESS_KEY_ID", "S3_SECRET_ACCESS_KEY")
"""Endpoint and credentials of the state store, if it is not at the cloud's own service."""
CONTROLLER = ("KOPS_RUN_TOO_NEW_VERSION", "KOPS_BASE_URL")
"""Further variables of kops-controller, which also builds node configurations."""


def proxy_environment(c: Context) -> dict[str, str]:
    """Variables of the egress proxy; none without a proxy."""
    if c.read.get("spec.egressProxy") is None:
        return {}
    host = c.read.string("spec.egressProxy.httpProxy.host") or ""
    port = c.read.integer("spec.egressProxy.httpProxy.port")
    excludes = c.read.string("spec.egressProxy.excludes") or ""
    url = f"http://{host}:{port}" if port else f"http://{host}"
    return {"NO_PROXY": excludes, "http_proxy": url, "https_proxy": url, "no_proxy": excludes}


def component_environment(c: Context, *more: str) -> dict[str, str]:
    """Variables of kOps' own programs, sorted by name; ``more``: others that are passed on if set."""
    zones = (str(zone) for _, zone in c.read.each("spec.subnets[*].zone") if zone)
    region = next((zone[:-1] for zone in zones if len(zone) > 1), "")
    handed_on = {name: c.settings.environment.get(name, "") for name in (*STORE, *more)}
    found = proxy_environment(c) | ({c.settings.cloud.region_variable: region} if region else {})
    return dict(sorted((found | {name: value for name, value in handed_on.items() if value}).items()))
