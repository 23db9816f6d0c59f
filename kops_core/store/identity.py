"""The incarnation of a cluster: a name may be used again after kOps has deleted its cluster.

kOps leaves ``.kops-tui/<cluster>`` behind then. A cluster never changes its ``creationTimestamp``, so our
records of it contain that.
"""

from __future__ import annotations

import re

from kops_core.api.path import get
from kops_core.api.values import Tree

_CREATED = re.compile(r"""^\s+creationTimestamp:\s*["']?([0-9][0-9T:.Z+-]*)["']?\s*$""", re.MULTILINE)


def created_at(cluster: Tree) -> str:
    """The ``creationTimestamp`` of a Cluster document; "" without one."""
    return str(get(cluster, ("metadata", "creationTimestamp")) or "")


def created_in(text: str) -> str:
    """The ``creationTimestamp`` in the text of a Cluster document; "" without one."""
    found = _CREATED.search(text)
    return found[1] if found else ""
