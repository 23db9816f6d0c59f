"""All generated files of the documentation, by path below ``docs/``."""

from __future__ import annotations

from collections.abc import Mapping

from reference import commands, fields, keys, schemas, settings


def generated() -> Mapping[str, str]:
    """The text of each file."""
    return {
        "reference/commands.md": commands.page(),
        "reference/keys.md": keys.page(),
        "reference/settings.md": settings.page(),
        "reference/cluster.md": fields.page("Cluster"),
        "reference/instancegroup.md": fields.page("InstanceGroup"),
        "reference/json.md": schemas.page(),
        **{f"reference/{name}": text for name, text in schemas.files().items()},
    }
