"""A plan's add-ons in the tree: object by object, and that they go live."""

from __future__ import annotations

from kops_tui.screens.plan_tree import ChangeKey, TreeState, tree
from kops_tui.styled_text import plain
from kops_tui.terminal import ASCII
from tests.plan.test_manifest_diff import addon_plan


def test_an_open_change_of_an_add_on_names_its_objects_and_with_v_their_fields() -> None:
    plan = addon_plan(prune=True)
    key = ChangeKey.of(plan.changes[0])

    def shown(state: TreeState) -> str:
        return "\n".join(
            plain(cell) for row in tree(plan, state, ASCII, lambda _: True, 110) for cell in row.cells
        )

    opened = shown(TreeState(opened={key}))
    assert "goes live within minutes, without a rolling update" in opened
    assert "~ Deployment kube-system/dns  4 fields" in opened
    assert "- ServiceAccount dns  pruned: the cluster loses it" in opened
    assert "dns:2" not in opened
    assert "spec.containers[main].image  dns:1" in shown(TreeState(opened={key}, diffs={key}))
