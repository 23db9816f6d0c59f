"""User data of an instance group."""

from __future__ import annotations

from kops_core.model.context import Context, Group
from kops_core.model.resource import Text


def user_data(c: Context, group: Group) -> Text | str:
    """The script that a machine runs when it boots."""
    del c, group
    return ""
