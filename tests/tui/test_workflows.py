"""What operators do, by keys alone, and what must not happen on the way."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from kops_core import Finished, parse_path
from kops_core.errors import CloudError, StoreError
from kops_tui.dialogs.confirm import Question
from kops_tui.preferences import Preferences
from kops_tui.screens.cluster import ClusterPage
from kops_tui.screens.fleet import FleetPage
from kops_tui.screens.help import HelpPage
from kops_tui.screens.plan import PlanPage
from kops_tui.widgets.rows import Rows
from tests.tui.driver import run_app
from tests.tui.world import FLEET, PROD, STAGE, Gate, World

pytestmark = pytest.mark.full

TO_PROD = ("j", "j", "j")


async def test_from_the_fleet_to_a_rolled_cluster(tmp_path: Path) -> None:
    world = World.make(tmp_path)
    async with run_app(world) as driver:
        assert all(name in driver.text for name in FLEET)
        await driver.press("enter")
        assert "spec is valid" in driver.text
        await driver.press("e")
        await driver.go_to("spec.kubelet.maxPods")
        await driver.press("enter", "backspace", "backspace")
        await driver.type("95")
        await driver.press("enter")
        assert "was 90" in driver.text
        assert "1 unsaved" in driver.lines[0]
        await driver.press("P")
        assert "with 1 unsaved edit" in driver.text
        await driver.press("A", "y")
        await driver.until("nothing is left to do")
        assert len(world.changes) == 5
        assert world.stored(STAGE, "spec.kubelet.maxPods") == 95, "an apply saves what it applies"
        await driver.press("P")
        assert "nothing to do" in driver.text
        await driver.press("escape", "escape", "escape", "R", "j")
        assert "block device mappings, user data" in driver.text
        await driver.press("R")
        await driver.type(STAGE)
        await driver.press("enter")
        await driver.until("3 done, nothing is left to do")
        assert len(world.machines(STAGE, "v3")) == 3
        await driver.press("escape")
        assert "1 node to replace" in driver.text, "the control plane's"


async def test_enter_changes_nothing_however_often_it_is_pressed(tmp_path: Path) -> None:
    world = World.make(tmp_path)
    async with run_app(world) as driver:
        for way in (("P", "A"), ("R", "j", "R"), ("e",), ("enter", "i", "j", "X"), ("enter", "K", "N")):
            await driver.press(*way)
            await driver.pilot.press(*["enter"] * 20)
            await driver.settle()
            assert not driver.app.runs
            await driver.press(*["escape"] * 4)
        assert driver.workspace(STAGE).edits == 0
    assert not world.changes
    assert not world.store.written


async def test_no_is_the_answer_until_yes_is_chosen(tmp_path: Path) -> None:
    async with run_app(World.make(tmp_path)) as driver:
        await driver.press("P", "A", "enter")
        assert not driver.app.runs
        await driver.press("A", "n", "A", "escape")
        assert not driver.app.runs
        await driver.press("A", "j", "enter")
        await driver.until("nothing is left to do")


async def test_planning_again_after_an_apply_leads_to_the_one_plan_of_the_cluster(tmp_path: Path) -> None:
    async with run_app(World.make(tmp_path)) as driver:
        await driver.press("enter", "P", "A", "y")
        await driver.until("nothing is left to do")
        await driver.press("P")
        assert driver.lines[1].split("›")[-1].split()[0] == "Plan"
        await driver.press("escape")
        assert "›" in driver.lines[1]
        assert "Plan" not in driver.lines[1], "one step back, as the README says"


async def test_a_production_cluster_wants_its_name_typed(tmp_path: Path) -> None:
    async with run_app(World.make(tmp_path)) as driver:
        await driver.press(*TO_PROD, "P", "A", "enter")
        await driver.type("y")
        await driver.press("enter")
        assert not driver.app.runs
        await driver.press("backspace")
        await driver.type(PROD)
        await driver.press("enter")
        assert len(driver.app.runs) == 1


async def test_read_only_starts_nothing(tmp_path: Path) -> None:
    world = World.make(tmp_path, write=False)
    async with run_app(world) as driver:
        assert " RO" in driver.lines[0]
        await driver.press("P", "A", "y")
        assert "read-only" in driver.text
        await driver.press("escape", "escape", "R", "j", "R")
        assert "read-only" in driver.text
        assert not driver.app.runs


async def test_an_operation_outlives_its_screen_and_stops_at_a_safe_point(tmp_path: Path) -> None:
    world = World.make(tmp_path)
    gate = world.gate = Gate("update LaunchTemplate/nodes")
    async with run_app(world) as driver:
        await driver.press("P", "A", "y")
        await driver.until("4 of 5")
        await driver.press("escape", "escape", "ctrl+c")
        assert "Fleet" in driver.lines[1]
        assert driver.app.run_under_way is not None
        await driver.press("P", "A")
        assert "running already" in driver.text
        await driver.press("escape", "escape")
        await driver.command("runs other.example.com")
        assert "nothing was started on other.example.com" in driver.text
        await driver.command(f"runs {driver.app.runs[0].cluster}")
        assert "4 of 5" in driver.text
        await driver.press("escape", "f2", "s")
        assert "stopping after this step" in driver.text
        gate.open()
        await driver.until("5 of 5")
    assert len(world.changes) == 5, "the step under way was not cut off"


async def test_an_operation_that_is_stopped_begins_no_further_step(tmp_path: Path) -> None:
    world = World.make(tmp_path)
    gate = world.gate = Gate("create VPC/")
    async with run_app(world) as driver:
        await driver.press("j", "j", "P", "A", "y")
        await driver.until_true(lambda: gate.held)
        await driver.press("s")
        assert "stopping after this step" in driver.text
        gate.open()
        await driver.until("stopped")
        await driver.until_true(lambda: driver.app.run_under_way is None)
    assert "create VPC/new.dev.example.com" in world.changes
    assert not any(each.startswith("create Subnet/") for each in world.changes)


async def test_quitting_asks_where_something_would_be_lost(tmp_path: Path) -> None:
    world = World.make(tmp_path)
    gate = world.gate = Gate("create VPC/")
    async with run_app(world) as driver:
        await driver.press("e", "u", "q")
        assert "1 unsaved edit" in driver.text
        await driver.press("enter")
        assert driver.app.is_running
        await driver.command("plan new.dev.example.com")
        await driver.press("A", "y")
        await driver.until_true(lambda: gate.held)
        await driver.press("q")
        assert "is under way" in driver.text
        await driver.press("y")
        gate.open()
    (run,) = world.engine.operations.all()
    ended = run.handle.wait()
    assert isinstance(ended, Finished)
    assert "not begun" in ended.message, "it ends at a safe point, not in the middle"
    assert not any(each.startswith("create Subnet/") for each in world.changes)


async def test_quitting_asks_nothing_where_nothing_would_be_lost(tmp_path: Path) -> None:
    async with run_app(World.make(tmp_path)) as driver:
        await driver.press("q")
        assert driver.app.return_code == 0


async def test_a_slow_store_keeps_nobody_waiting(tmp_path: Path) -> None:
    world = World.make(tmp_path, stores=("s3://slow",))
    slow = world.others["s3://slow"]
    slow.put("late.example.com/config", world.store.read(f"{PROD}/config").data)
    slow.open.clear()
    async with run_app(world, settled=False) as driver:
        await driver.until(PROD)
        assert "reading the stores" in driver.lines[1]
        await driver.pilot.press("j")
        slow.open.set()
        await driver.until("late.example.com")


async def test_a_dead_store_is_named_beside_the_others(tmp_path: Path) -> None:
    world = World.make(tmp_path, stores=("s3://gone",))
    world.others["s3://gone"].error = StoreError("the bucket does not answer")
    async with run_app(world) as driver:
        assert "s3://gone  can't be read: the bucket does not answer" in driver.text
        assert "1 of 2 stores unreadable" in driver.lines[0]
        assert PROD in driver.text


async def test_a_cloud_that_fails_is_told_in_its_row(tmp_path: Path) -> None:
    world = World.make(tmp_path)
    world.errors["glance"] = CloudError("no route to the region")
    async with run_app(world) as driver:
        assert "no route to the region" in driver.text
        assert PROD in driver.text


async def test_edits_are_undone_pinned_unset_and_filtered(tmp_path: Path) -> None:
    world = World.make(tmp_path)
    async with run_app(world) as driver:
        await driver.press("e", "slash")
        await driver.type("cgroupDriver")
        await driver.press("enter", "j")
        assert "I systemd" in driver.text
        await driver.press("p")
        workspace = driver.workspace(STAGE)
        assert workspace.edits == 1
        assert "U systemd" in driver.text
        await driver.press("z")
        assert workspace.edits == 0
        assert "I systemd" in driver.text
        await driver.press("Z", "u")
        assert "I systemd" in driver.text
        await driver.press("escape", "m")
        assert "show: yours" in driver.text
        rows = driver.app.screen.query_one(Rows)
        mine, inferred = parse_path("spec.kubelet.anonymousAuth"), parse_path("spec.kubelet.cgroupDriver")
        shown = {row.key for row in rows.rows}
        assert mine in shown
        assert inferred not in shown
        await driver.press("i")
        shown = {row.key for row in rows.rows}
        assert mine not in shown
        assert inferred in shown


async def test_the_inferred_side_follows_an_edit(tmp_path: Path) -> None:
    async with run_app(World.make(tmp_path), (120, 40)) as driver:
        await driver.press("e")
        await driver.command("set spec.serviceClusterIPRange=100.65.0.0/16")
        await driver.press("c", "j")
        assert "100.65.0.10" in driver.text
        assert "was 100.64.0.10" in driver.text


async def test_a_wrong_value_is_refused_where_it_is_typed(tmp_path: Path) -> None:
    world = World.make(tmp_path)
    async with run_app(world) as driver:
        await driver.press("e", "slash")
        await driver.type("maxPods")
        await driver.press("enter", "j", "enter")
        await driver.type("many")
        await driver.press("enter")
        assert "must be a whole number" in driver.text
        assert driver.workspace(STAGE).edits == 0
        await driver.press("escape")
        assert "must be a whole number" not in driver.text


async def test_allowed_values_are_a_key_away(tmp_path: Path) -> None:
    world = World.make(tmp_path)
    async with run_app(world) as driver:
        await driver.press("e", "slash")
        await driver.type("cgroupDriver")
        await driver.press("enter", "j", "enter", "down", "enter")
        assert driver.value(STAGE, "spec.kubelet.cgroupDriver") == "cgroupfs"


async def test_the_own_editor_takes_back_what_is_wrong(tmp_path: Path) -> None:
    script = tmp_path / "editor.sh"
    script.write_text(
        "#!/bin/sh\n"
        f'cp "$1" {tmp_path}/seen.$(ls {tmp_path}/seen.* 2>/dev/null | wc -l)\n'
        'if grep -q "^#! " "$1"; then sed -i "s/kubernetsVersion/kubernetesVersion/; s/1.35.0/1.36.3/" "$1"\n'
        'else sed -i "s/kubernetesVersion/kubernetsVersion/" "$1"; fi\n'
    )
    script.chmod(0o755)
    world = World.make(tmp_path, environment={"EDITOR": str(script)})
    async with run_app(world) as driver:
        await driver.press("e", "E")
        assert "taken from your editor" in driver.text
        assert driver.value(STAGE, "spec.kubernetesVersion") == "1.36.3"
    assert "Unknown field" in (tmp_path / "seen.1").read_text()
    assert not list((tmp_path / "drafts").glob("*.yaml"))


async def test_the_filter_counts_inverts_and_goes_away(tmp_path: Path) -> None:
    async with run_app(World.make(tmp_path)) as driver:
        await driver.press("slash")
        await driver.type("!prod")
        assert "3 of 5" in driver.lines[1]
        assert PROD not in driver.text
        await driver.press("enter")
        assert "/!prod" in driver.lines[1]
        await driver.press("escape")
        assert PROD in driver.text


async def test_commands(tmp_path: Path) -> None:
    async with run_app(World.make(tmp_path)) as driver:
        for typed, seen in (
            ("nonsense", "no command 'nonsense'"),
            ("set a=b", "open a spec first"),
            ("plan us1.prod.example.com", "rolls 1 node"),
            ("open new.dev.example.com", "INSTANCE GROUP"),
            ("history us1.prod.example.com", "backup before apply"),
            ("drift", "last applied by ops@bastion, 2d ago"),
            ("keys", "etcd-manager-ca-events"),
            ("theme kops-light", "Keys"),
            ("fleet", "NEEDS"),
        ):
            await driver.command(typed)
            assert seen in driver.text
        assert driver.app.theme == "kops-light"


async def test_a_cluster_is_deleted_by_its_typed_name_alone(tmp_path: Path) -> None:
    world = World.make(tmp_path)
    world.engine.protect(PROD)
    world.add_foreign(PROD)
    async with run_app(world) as driver:
        await driver.command(f"delete {PROD}")
        assert "a.etcd-main" in driver.text
        assert "delete · 1 retain · 1 blocked" in driver.lines[1]
        await driver.press("D")
        assert "protected" in driver.text
        world.engine.protect(PROD, on=False)
        await driver.press("r", "D")
        assert "in the way" in driver.text
        world.account.others[PROD] = world.account.others[PROD][:1]
        await driver.press("r", "D")
        assert f"Delete {PROD}?" in driver.text
        await driver.press("enter")
        await driver.type(PROD[:-1])
        await driver.press("enter")
        assert not world.changes
        await driver.type(PROD[-1])
        await driver.press("enter")
        await driver.until("nothing is left to do")
    assert not world.account.clusters[PROD]
    assert not [key for key in world.store.contents if key.startswith(f"{PROD}/")]
    assert world.account.clusters[STAGE], "no other cluster is touched"


async def test_a_read_only_session_deletes_nothing(tmp_path: Path) -> None:
    world = World.make(tmp_path, write=False)
    async with run_app(world) as driver:
        await driver.command(f"delete {PROD}")
        await driver.press("D")
        assert "read-only" in driver.text
    assert not world.changes
    assert not world.store.written


async def test_keys_are_shown_by_what_they_are_for_and_never_themselves(tmp_path: Path) -> None:
    world = World.make(tmp_path)
    summaries = world.engine.keypairs(PROD).summaries(distrusted=True)
    async with run_app(world, (120, 40)) as driver:
        await driver.press("j", "j", "j", "enter", "K")
        assert "8 keysets" in driver.text
        assert "10 keypairs" in driver.text
        assert "1 distrusted" in driver.text
        await driver.press("slash")
        await driver.type("kubernetes-ca")
        await driver.press("enter", "j")
        rows = [line for line in driver.lines if "stored" in line]
        assert [row.split("kubernetes-ca")[1].split()[0] for row in rows] == ["distrusted", "primary"]
        (chosen,) = [each for each in summaries if (each.keyset, each.state) == ("kubernetes-ca", "primary")]
        assert chosen.certificate is not None
        fingerprint = chosen.certificate.fingerprint
        assert fingerprint[:47] in driver.text
        assert fingerprint[48:] in driver.text
        assert chosen.id in driver.text
        keys = {name: stored for name, stored in world.store.contents.items() if "/pki/private/" in name}
        for stored in keys.values():
            private = "".join(re.findall(r"privateMaterial: (\S+)", stored.data.decode()))
            assert private
            assert private[60:90] not in driver.text
        world.store.error = StoreError("the bucket does not answer", where="s3://acme-kops")
        await driver.press("escape", "r")
        assert "the bucket does not answer" in driver.text
        world.store.error = None
        await driver.press("r")
        assert "does not answer" not in driver.text


async def test_a_command_is_completed(tmp_path: Path) -> None:
    async with run_app(World.make(tmp_path)) as driver:
        await driver.press("colon")
        await driver.type("open us1")
        await driver.press("tab", "enter")
        assert PROD in driver.lines[1]


async def test_a_remapped_key_works_and_is_what_help_shows(tmp_path: Path) -> None:
    preferred = Preferences(keymap={"fleet.plan": "f6"})
    async with run_app(World.make(tmp_path), preferences=preferred) as driver:
        await driver.press("question_mark")
        assert driver.shows(HelpPage)
        assert any("f6" in line and "What applying would change" in line for line in driver.lines)
        await driver.press("escape", "P")
        assert not driver.shows(PlanPage)
        await driver.press("f6")
        assert driver.shows(PlanPage)


async def test_texts_leave_the_terminal_by_file(tmp_path: Path) -> None:
    async with run_app(World.make(tmp_path)) as driver:
        await driver.press("e", "Y", "escape", "escape", "P", "w", "J", "f8")
    out = tmp_path / "out"
    assert (out / "path.txt").read_text() == "spec.channel"
    assert "LaunchTemplate" in next(out.glob("plan-*.json")).read_text()
    assert next(out.glob("plan-*.txt")).read_text()
    assert all(file.stat().st_mode & 0o077 == 0 for file in out.iterdir())


async def test_a_resize_keeps_the_cursor_where_it_is(tmp_path: Path) -> None:
    async with run_app(World.make(tmp_path)) as driver:
        await driver.press("e", *"j" * 20)
        key = driver.app.screen.query_one(Rows).key
        for size in ((120, 40), (80, 24), (200, 50)):
            await driver.resize(size)
            assert driver.app.screen.query_one(Rows).key == key
            assert any("❯" in line for line in driver.lines)


async def test_what_a_command_can_become_is_shown_and_gone_through_with_tab(tmp_path: Path) -> None:
    async with run_app(World.make(tmp_path)) as driver:
        await driver.press("colon", "p")
        assert driver.lines[-2].split() == ["plan", "protect"]
        await driver.press("tab", "tab")
        assert ": protect" in driver.lines[-1]
        await driver.press("tab")
        assert ": plan" in driver.lines[-1]
        await driver.press("escape", "colon")
        await driver.type("rolling-update us1")
        await driver.press("tab", "enter")
        assert "Rolling update" in driver.lines[1], "an alias takes the cluster's name, too"


async def test_a_dialog_shows_its_keys(tmp_path: Path) -> None:
    async with run_app(World.make(tmp_path)) as driver:
        await driver.press("P", "A")
        assert "enter take the marked answer  y yes  n or esc no" in driver.text
        await driver.press("n", "escape")
        driver.app.confirm(Question("Delete it?", typed="us1"), lambda: None)
        await driver.settle()
        assert "enter take what was typed  esc cancel" in driver.text


async def test_esc_closes_the_commands_and_stays(tmp_path: Path) -> None:
    async with run_app(World.make(tmp_path)) as driver:
        await driver.press("enter", "x", "escape")
        assert "kops get all" not in driver.text
        assert driver.shows(ClusterPage)
        await driver.press("escape")
        assert driver.shows(FleetPage)
