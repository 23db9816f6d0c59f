"""Desired resources of our own small clusters, in an account of the emulator."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path

from kops_core.cloud.aws.model import AWS
from kops_core.cloud.sandbox import process
from kops_core.infer.inference import Inference
from kops_core.model.build import DesiredState, desired_resources
from kops_core.model.context import CloudModel, ModelSettings
from tests.clusters import CLUSTERS, KOPS_VERSION, REGION, ZONE, facts, inferred, moved, text_of
from tests.clusters import IMAGE as IMAGE_OF_FACTS

CASES = ("minimal-aws", "minimal", "ha")
SSH_KEY = (
    "ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAAAgQCtWu40XQo8dczLsCq0OWV+hxm9uV3WxeH9Kgh4sMzQxNtoU1pvW0XdjpkBesRKG"
    "oolfWeCLXWxpyQb1IaiMkKoz7MdhQ/6UKjMjP66aFWWp3pwD0uj0HuJ7tq4gKHKRYGTaZIRpWzUiANBrjugVgA+Sd7E/mYwc/DMX"
    "cIyRZbvhQ=="
)


IMAGE: str = json.loads(Path(process.__file__).with_name("images.json").read_text())[0]["ami_id"]
"""An image that the emulator has."""


@cache
def _inference(
    case: str,
    change: tuple[str, str] | None,
    region: str,
    partition: str,
    moves: tuple[tuple[str, str], ...],
) -> Inference:
    ids = dict(moves)
    text = moved(text_of(CLUSTERS[case], region), ids)
    if change is not None:
        assert change[0] in text
        text = text.replace(*change)
    return inferred(text, moved(facts(region, partition), ids), case)


def completed(
    case: str,
    zone: str = ZONE,
    change: tuple[str, str] | None = None,
    *,
    region: str = REGION,
    partition: str = "aws",
    **ids: str,
) -> Inference:
    """The completed specs of a cluster in an account with this hosted zone, with a part of its text replaced.

    ids: the account's ids by those of the facts, each with ``_`` for ``-``.
    """
    moves = {ZONE: zone, IMAGE_OF_FACTS: IMAGE}
    moves |= {name.replace("_", "-"): value for name, value in ids.items()}
    return _inference(case, change, region, partition, tuple(moves.items()))


def desired(
    case: str,
    zone: str = ZONE,
    change: tuple[str, str] | None = None,
    *,
    region: str = REGION,
    partition: str = "aws",
    **ids: str,
) -> DesiredState:
    """The desired resources of a cluster, completed like that."""
    return modelled(completed(case, zone, change, region=region, partition=partition, **ids))


def modelled(inference: Inference, cloud: CloudModel = AWS) -> DesiredState:
    """The desired resources of a completed cluster."""
    settings = ModelSettings(cloud, KOPS_VERSION, (SSH_KEY,), asset_hash=lambda url, place: "0" * 63 + "1")
    return desired_resources(inference, settings)
