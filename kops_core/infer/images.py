"""Finds machine images in the facts by the names in specs. Facts: kOps' ``awsup/aws_cloud.go``."""

from __future__ import annotations

from kops_core.api.values import Tree, Value

OWNERS = {
    "amazon": "137112412989",
    "amazon.com": "137112412989",
    "debian": "136693071363",
    "debian11": "136693071363",
    "flatcar": "075585003325",
    "redhat": "309956199498",
    "redhat.com": "309956199498",
    "rocky": "792107900819",
    "rockylinux": "792107900819",
    "ubuntu": "099720109477",
}
"""The accounts that publish images, by kOps' aliases."""


def newest(images: Value, wanted: str) -> tuple[str, Tree] | None:
    """The id and facts of the newest image of a name: an id, ``name``, ``owner/name``, ``ssm:parameter``.

    images: the images of the facts, by id. None if there is none.
    """
    found = [
        (str(image.get("creationDate") or ""), image_id, image)
        for image_id, image in (images.items() if isinstance(images, dict) else ())
        if isinstance(image, dict) and is_called(image_id, image, wanted)
    ]
    if not found:
        return None
    _, image_id, image = max(found, key=lambda each: each[:2])
    return image_id, image


def is_called(image_id: str, image: Tree, wanted: str) -> bool:
    """Whether a name matches an image of the facts."""
    if wanted in (image_id, image.get("name"), image.get("ssmParameter")):
        return True
    owner, _, name = wanted.partition("/")
    owners = (image.get("ownerId"), image.get("ownerAlias"))
    return image.get("name") == name and (owner in owners or OWNERS.get(owner) in owners)
