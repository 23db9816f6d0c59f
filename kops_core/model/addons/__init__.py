"""Add-ons: the manifests that the control plane applies, built from the completed specs.

Each add-on is one module or package with a function ``objects`` from a context to the objects of its
manifest, written with the functions of `objects`. `catalog` selects the add-ons of a cluster, `manifest`
renders objects as text, and `addon` is the result.
"""

from __future__ import annotations

from collections.abc import Iterator

from kops_core.model.context import Context
from kops_core.model.resource import Resource
from kops_core.model.store_resources import AddonManifest, BootstrapChannel


def manifests(c: Context) -> Iterator[Resource]:
    """The manifests of add-ons and the bootstrap channel, as objects of the store."""
    from kops_core.model.addons.addon import CHANNEL_LOCATION, bootstrap_channel
    from kops_core.model.addons.manifest import document_text

    found = c.settings.cloud.addons(c, "")
    for addon in found:
        yield AddonManifest(
            name=f"{c.name}-addons-{addon.key}",
            location=addon.location,
            contents=addon.contents,
            source_paths=addon.built_from,
        )
    read = dict.fromkeys(path for addon in found for path in addon.built_from)
    yield BootstrapChannel(
        name=f"{c.name}-addons-bootstrap",
        location=CHANNEL_LOCATION,
        contents=document_text(bootstrap_channel(found)),
        source_paths=tuple(read),
    )
