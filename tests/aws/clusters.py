"""Desired resources of the corpus' clusters, moved to a region of the emulator."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path

from ruamel.yaml import YAML

from kops_core.api.documents import read_documents
from kops_core.cloud.aws.model import AWS
from kops_core.cloud.sandbox import process
from kops_core.infer.complete import infer, prepare
from kops_core.infer.facts import keyed
from kops_core.infer.inference import Inference
from kops_core.model.build import DesiredState, desired_resources
from kops_core.model.context import CloudModel, ModelSettings
from tests.corpus import corpus_dir

CASES = ("minimal-aws", "minimal-1.35", "ha")
REGION = "us-east-1"
SSH_KEY = (
    "ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAAAgQCtWu40XQo8dczLsCq0OWV+hxm9uV3WxeH9Kgh4sMzQxNtoU1pvW0XdjpkBesRKG"
    "oolfWeCLXWxpyQb1IaiMkKoz7MdhQ/6UKjMjP66aFWWp3pwD0uj0HuJ7tq4gKHKRYGTaZIRpWzUiANBrjugVgA+Sd7E/mYwc/DMX"
    "cIyRZbvhQ=="
)


IMAGE: str = json.loads(Path(process.__file__).with_name("images.json").read_text())[0]["ami_id"]
"""An image that the emulator has."""
ZONE = "Z1AFAKE1ZON3YO"
"""The public zone in the corpus' facts."""


@cache
def _inference(case: str, change: tuple[str, str] | None, moves: tuple[tuple[str, str], ...]) -> Inference:
    def moved(text: str) -> str:
        for old, new in moves:
            text = text.replace(old, new)
        return text

    text = moved((corpus_dir() / "upstream" / "update" / case / "cluster.yaml").read_text())
    if change is not None:
        assert change[0] in text
        text = text.replace(*change)
    inputs = prepare(
        [document.tree for document in read_documents(text, case, keep_unknown=True)],
        facts=keyed(json.loads(moved((corpus_dir() / "facts" / "upstream-update.json").read_text()))),
        channel=YAML(typ="safe").load(corpus_dir() / "channels" / "stable.yaml"),
        settings={"kopsVersion": "1.34.0-beta.1", "featureFlags": []},
    )
    return infer(inputs)


def completed(
    case: str,
    zone: str = ZONE,
    change: tuple[str, str] | None = None,
    *,
    region: str = REGION,
    partition: str = "aws",
    **ids: str,
) -> Inference:
    """The completed specs of a case in an account with this hosted zone, with a part of its text replaced.

    ids: the account's ids by the corpus' ids, each with ``_`` for ``-``.
    """
    moves = {"us-test-1": region, "aws-test": partition, ZONE: zone, "ami-12345678": IMAGE}
    moves |= {name.replace("_", "-"): value for name, value in ids.items()}
    return _inference(case, change, tuple(moves.items()))


def desired(
    case: str,
    zone: str = ZONE,
    change: tuple[str, str] | None = None,
    *,
    region: str = REGION,
    partition: str = "aws",
    **ids: str,
) -> DesiredState:
    """The desired resources of a case, completed like that."""
    return modelled(completed(case, zone, change, region=region, partition=partition, **ids))


def modelled(inference: Inference, cloud: CloudModel = AWS) -> DesiredState:
    """The desired resources of a completed case."""
    settings = ModelSettings(cloud, "1.34.0-beta.1", (SSH_KEY,), asset_hash=lambda url: "0" * 63 + "1")
    return desired_resources(inference, settings)
