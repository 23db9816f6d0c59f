"""The resource kinds of AWS, with kOps' names of task types.

A kind is a frozen dataclass with a record (``spec``) and fields that are declared with ``attr``. The
attributes that a ``Ref`` may use are listed in its docstring under "Outputs": these are the keys of
``Observed.outputs`` and, for ``id``, ``Observed.id``. Each module lists its own kinds in ``KINDS``.
"""

from __future__ import annotations

from kops_core.cloud.aws.resources import balancers, dns, events, firewall, groups, iam, network, storage
from kops_core.model import store_resources
from kops_core.model.resource import Resource

_MODULES = (network, firewall, balancers, dns, iam, groups, storage, events, store_resources)

KINDS: dict[str, type[Resource]] = {kind.__name__: kind for module in _MODULES for kind in module.KINDS}
"""All kinds by name, in the order of screens."""
