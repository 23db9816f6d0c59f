"""Plans as data: the names that other programs read, and what makes a saved plan stale."""

from __future__ import annotations

import json
from dataclasses import replace

from kops_core.model.kind_spec import Area, Risk
from kops_core.model.template import Key
from kops_core.plan.changes import Action, Reason
from kops_core.plan.saved import change_to_json, dumps, loads, staleness, to_json
from tests.plan.fixtures import NOW
from tests.plan.test_texts import CHANGE, PLAN


def test_a_change_as_data_has_these_names() -> None:
    """Programs read them: a name of another spelling is another format."""
    assert change_to_json(CHANGE) == {
        "kind": "LaunchTemplate",
        "name": "nodes",
        "area": "instance_groups",
        "action": "replace",
        "reason": "cannot_update",
        "fields": [
            {
                "name": "size",
                "before": "1",
                "after": "2",
                "after_unknown": False,
                "form": "json",
                "forces_replace": True,
            },
            {
                "name": "arn",
                "before": None,
                "after": None,
                "after_unknown": True,
                "form": "",
                "forces_replace": False,
            },
        ],
        "needs": ["IAMRole/a/b"],
        "risk": "rolls_nodes",
        "rolls": ["nodes", "more"],
        "spec_paths": ["spec.subnets[0].cidr"],
        "label": "a label",
        "note": "a note",
        "confirm": "s3://store",
    }


def test_a_plan_as_data_has_these_names_and_is_read_back_whole() -> None:
    data = to_json(PLAN)
    assert data | {"changes": [], "deferred": [], "sha256": ""} == {
        "format_version": "3.1",
        "cluster": "c.example.com",
        "id": "0123",
        "made_at": "2026-01-02T03:04:05+00:00",
        "prune": True,
        "summary": {
            "create": 0, "update": 0, "replace": 1, "delete": 0, "retain": 0, "blocked": 0, "no-op": 1,
        },
        "changes": [],
        "deferred": [],
        "causes": [
            {
                "kind": "unsaved",
                "path": "spec.x",
                "before": "1",
                "after": None,
                "changes": ["LaunchTemplate/nodes"],
                "deferred": ["IAMRole/old"],
            }
        ],
        "errors": ["an error"],
        "warnings": ["a warning"],
        "sha256": "",
    }  # fmt: skip
    read = loads(dumps(PLAN))
    assert (read, read.causes) == (PLAN, PLAN.causes)
    for area in Area:
        for risk in Risk:
            one = replace(PLAN, changes=(replace(CHANGE, area=area, risk=risk),))
            assert loads(dumps(one)) == one
    for reason in Reason:
        one = replace(PLAN, changes=(replace(CHANGE, reason=reason),))
        assert loads(json.dumps(to_json(one))) == one


def test_a_saved_plan_is_stale_if_anything_but_its_time_differs_and_says_what() -> None:
    later = replace(PLAN, made_at=NOW.replace(year=2030))
    assert staleness(PLAN, later) == ()
    another = replace(CHANGE, key=Key("VPC", "other"), action=Action.CREATE)
    wider = replace(CHANGE, fields=(replace(CHANGE.fields[0], after="3"), CHANGE.fields[1]))
    for fresh, words in (
        (replace(later, changes=(*PLAN.changes, another)), ["VPC/other: create is needed now, too"]),
        (replace(later, changes=PLAN.changes[1:]), ["LaunchTemplate/nodes: replace is no longer needed"]),
        (
            replace(later, changes=(replace(CHANGE, action=Action.UPDATE), PLAN.changes[1])),
            ["LaunchTemplate/nodes: update is needed now, instead of replace"],
        ),
        (
            replace(later, changes=(wider, PLAN.changes[1])),
            ["LaunchTemplate/nodes: size differ from when the plan was made"],
        ),
        (replace(later, cluster="d"), ["it is a plan for c.example.com"]),
        (replace(later, errors=()), ["the errors are others"]),
        (replace(later, deferred=()), ["what waits to be pruned is different"]),
        (replace(later, id="4567"), ["the specs, the state store or what was planned changed"]),
        (
            replace(later, deferred=(), prune=False),
            ["the specs, the state store or what was planned changed"],
        ),
    ):
        assert list(staleness(PLAN, fresh)) == words
