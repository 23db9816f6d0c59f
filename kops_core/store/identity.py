"""Which cluster of a name it is: kOps may delete one, and another may be made in its place.

kOps leaves ``.kops-tui/<cluster>`` behind then. A cluster keeps its ``creationTimestamp`` for life,
so what is kept of it names that.
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
