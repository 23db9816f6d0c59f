"""Operations under a role whose sessions end after some seconds: it is assumed again, as often as needed."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import pytest

from tests.operations.engine_world import CLUSTER, World, engine, sandbox, world
from tests.operations.fault_injection import Answer, Fault, FaultProxy, Request

pytestmark = pytest.mark.full

__all__ = ["sandbox", "world"]

ROLE = "arn:aws:iam::123456789012:role/deployer"


class ShortSessions(Fault):
    """Sessions of assumed roles that are about to end when they begin."""

    def __init__(self) -> None:
        self.assumed = 0

    def after(self, request: Request, answer: Answer) -> Answer:
        if request.operation != "AssumeRole":
            return answer
        self.assumed += 1
        ends = datetime.now(UTC) + timedelta(seconds=3)
        body = re.sub(
            rb"<Expiration>[^<]*", b"<Expiration>" + f"{ends:%Y-%m-%dT%H:%M:%SZ}".encode(), answer.body
        )
        return Answer(answer.status, body, answer.headers)


def test_an_apply_a_roll_and_a_delete_outlive_their_credentials(world: World) -> None:
    def run(*words: str) -> int:
        with FaultProxy.of(world.sandbox.endpoint_url) as front:
            fault = ShortSessions()
            with front.weather(fault):
                process = world.start("ann@laptop", *words, endpoint=front.url, KOPS_AWS_ROLE_ARN=ROLE)
                told, _ = process.communicate(timeout=300)
        assert process.returncode == 0, told
        return fault.assumed

    assert run("apply") > 3
    workspace = engine().open(CLUSTER)
    workspace.set_field("nodes-us-east-1a", "spec.machineType", "m5.xlarge")
    workspace.save()
    assert run("apply") > 3
    assert run("roll") > 3
    assert run("delete") > 3
    assert engine().deletion(CLUSTER, region=world.sandbox.region, external=True).plan().pending[:-1] == ()
