"""The job, by keys alone, and everything that must not happen on the way."""

from __future__ import annotations

import threading
from pathlib import Path

from kops_core.errors import StoreError
from kops_tui.screens.help import HelpPage
from kops_tui.screens.plan import PlanPage
from kops_tui.widgets.rows import Rows
from tests.tui.fakes import FLEET, KEYPAIRS, PROD, STAGE, FakeEngine, settings
from tests.tui.walk import walking

TO_PROD = ("j", "j", "j")


async def test_from_the_fleet_to_a_rolled_cluster(tmp_path: Path) -> None:
    engine = FakeEngine(settings(tmp_path))
    async with walking(engine) as walk:
        assert all(name in walk.text for name, _, _ in FLEET)
        await walk.press("enter")
        assert "spec is valid" in walk.text
        await walk.press("e", "enter", *["backspace"] * 6)
        await walk.type("1.36.0")
        await walk.press("enter")
        assert "was 1.35.0" in walk.text
        assert "1 unsaved" in walk.lines[0]
        await walk.press("P")
        assert "with 1 unsaved edit" in walk.text
        await walk.press("A", "y")
        await walk.until("4 changes applied")
        await walk.press("escape")
        assert "1 unsaved edit" in walk.text, "applying the cluster saves nothing"
        await walk.press("escape", "s")
        assert "spec.kubernetesVersion" in walk.text
        assert "save" not in engine.calls
        await walk.press("y", "P")
        assert "nothing to do" in walk.text
        await walk.press("escape", "escape", "R", "j")
        assert "launch template version 13" in walk.text
        await walk.press("R")
        await walk.type(STAGE)
        await walk.press("enter")
        await walk.until("3 nodes replaced")
        await walk.press("escape")
        assert "0 nodes to replace" in walk.text


async def test_enter_changes_nothing_however_often_it_is_pressed(tmp_path: Path) -> None:
    engine = FakeEngine(settings(tmp_path), destructive=True)
    async with walking(engine) as walk:
        for way in (("P", "A"), ("R", "j", "R"), ("e",)):
            await walk.press(*way)
            await walk.pilot.press(*["enter"] * 20)
            await walk.settle()
            assert not walk.app.runs
            assert engine.open(STAGE).edits == 0
            await walk.press(*["escape"] * 4)
    assert "step" not in engine.calls
    assert "save" not in engine.calls


async def test_no_is_the_answer_until_yes_is_chosen(tmp_path: Path) -> None:
    async with walking(FakeEngine(settings(tmp_path))) as walk:
        await walk.press("P", "A", "enter")
        assert not walk.app.runs
        await walk.press("A", "n", "A", "escape")
        assert not walk.app.runs
        await walk.press("A", "j", "enter")
        await walk.until("4 changes applied")


async def test_planning_again_after_an_apply_leads_to_the_one_plan_of_the_cluster(tmp_path: Path) -> None:
    async with walking(FakeEngine(settings(tmp_path))) as walk:
        await walk.press("enter", "P", "A", "y")
        await walk.until("4 changes applied")
        await walk.press("P")
        assert walk.lines[1].split("›")[-1].split()[0] == "Plan"
        await walk.press("escape")
        assert "›" in walk.lines[1]
        assert "Plan" not in walk.lines[1], "one step back, as the README says"


async def test_a_production_cluster_wants_its_name_typed(tmp_path: Path) -> None:
    async with walking(FakeEngine(settings(tmp_path))) as walk:
        await walk.press(*TO_PROD, "P", "A", "enter")
        await walk.type("y")
        await walk.press("enter")
        assert not walk.app.runs
        await walk.press("backspace")
        await walk.type(PROD)
        await walk.press("enter")
        assert len(walk.app.runs) == 1


async def test_read_only_starts_nothing(tmp_path: Path) -> None:
    engine = FakeEngine(settings(tmp_path, write=False))
    async with walking(engine) as walk:
        assert " RO" in walk.lines[0]
        await walk.press("P", "A", "y")
        assert "read-only" in walk.text
        await walk.press("escape", "escape", "R", "j", "R")
        assert "read-only" in walk.text
        assert not walk.app.runs


async def test_an_operation_outlives_its_screen_and_stops_at_a_safe_point(tmp_path: Path) -> None:
    engine = FakeEngine(settings(tmp_path), stop_at=1)
    async with walking(engine) as walk:
        await walk.press("P", "A", "y")
        await walk.until("1 of 4")
        await walk.press("escape", "escape", "ctrl+c")
        assert "Fleet" in walk.lines[1]
        assert walk.app.run_under_way is not None
        await walk.press("P", "A")
        assert "running already" in walk.text
        await walk.press("f2", "x")
        assert "stopping after this step" in walk.text
        engine.let_go.set()
        await walk.until("stopped after 1 steps")
        assert engine.calls.count("step") == 1


async def test_quitting_asks_where_something_would_be_lost(tmp_path: Path) -> None:
    engine = FakeEngine(settings(tmp_path), stop_at=0)
    async with walking(engine) as walk:
        await walk.press("e", "u", "q")
        assert "1 unsaved edit" in walk.text
        await walk.press("enter")
        assert walk.app.is_running
        await walk.press("P", "A", "y", "q")
        assert "is under way" in walk.text
        await walk.press("y")
        engine.let_go.set()
        assert walk.app.runs[0].control.stopped, "it ends at a safe point, not in the middle"


async def test_quitting_asks_nothing_where_nothing_would_be_lost(tmp_path: Path) -> None:
    async with walking(FakeEngine(settings(tmp_path))) as walk:
        await walk.press("q")
        assert walk.app.return_code == 0


async def test_a_slow_store_keeps_nobody_waiting(tmp_path: Path) -> None:
    late = threading.Event()
    engine = FakeEngine(settings(tmp_path), slow_store=late)
    async with walking(engine, settled=False) as walk:
        await walk.until(PROD)
        assert "reading the stores" in walk.lines[1]
        await walk.pilot.press("j")
        late.set()
        await walk.until("late.example.com")


async def test_a_dead_store_is_named_beside_the_others(tmp_path: Path) -> None:
    engine = FakeEngine(settings(tmp_path), errors={"store": StoreError("gone")})
    async with walking(engine) as walk:
        assert "s3://gone  can't be read: the bucket does not answer" in walk.text
        assert "1 of 1 store unreadable" in walk.lines[0]
        assert PROD in walk.text


async def test_a_cloud_that_fails_is_told_in_its_row(tmp_path: Path) -> None:
    engine = FakeEngine(settings(tmp_path), errors={"status": StoreError("no route to the region")})
    async with walking(engine) as walk:
        assert "no route to the region" in walk.text
        assert PROD in walk.text


async def test_edits_are_undone_pinned_unset_and_filtered(tmp_path: Path) -> None:
    engine = FakeEngine(settings(tmp_path))
    async with walking(engine) as walk:
        await walk.press("e", "slash")
        await walk.type("cgroupDriver")
        await walk.press("enter", "j", "p")
        workspace = engine.open(STAGE)
        assert workspace.edits == 1
        assert "U systemd" in walk.text
        await walk.press("z")
        assert workspace.edits == 0
        assert "I systemd" in walk.text
        await walk.press("Z", "u")
        assert "I systemd" in walk.text
        await walk.press("escape", "m")
        assert "show: yours" in walk.text
        assert "cgroupDriver" not in walk.text
        await walk.press("i")
        assert "anonymousAuth" not in walk.text


async def test_the_inferred_side_follows_an_edit(tmp_path: Path) -> None:
    async with walking(FakeEngine(settings(tmp_path)), (120, 40)) as walk:
        await walk.press("e", "colon")
        await walk.type("set spec.kubeDNS.nodeLocalDNS.enabled=false")
        await walk.press("enter", "c", "j")
        assert "100.64.0.10" in walk.text
        assert "was 169.254.20.10" in walk.text


async def test_a_wrong_value_is_refused_where_it_is_typed(tmp_path: Path) -> None:
    engine = FakeEngine(settings(tmp_path))
    async with walking(engine) as walk:
        await walk.press("e", "slash")
        await walk.type("maxPods")
        await walk.press("enter", "j", "enter")
        await walk.type("many")
        await walk.press("enter")
        assert "must be an integer" in walk.text
        assert engine.open(STAGE).edits == 0
        await walk.press("escape")
        assert "must be an integer" not in walk.text


async def test_allowed_values_are_a_key_away(tmp_path: Path) -> None:
    engine = FakeEngine(settings(tmp_path))
    async with walking(engine) as walk:
        await walk.press("e", "slash")
        await walk.type("cgroupDriver")
        await walk.press("enter", "j", "enter", "down", "enter")
        assert engine.open(STAGE).explain(("spec", "kubelet", "cgroupDriver")).value == "cgroupfs"


async def test_the_own_editor_takes_back_what_is_wrong(tmp_path: Path) -> None:
    script = tmp_path / "editor.sh"
    script.write_text(
        "#!/bin/sh\n"
        f'cp "$1" {tmp_path}/seen.$(ls {tmp_path}/seen.* 2>/dev/null | wc -l)\n'
        'if grep -q "^#! " "$1"; then sed -i "s/kubernetsVersion/kubernetesVersion/; s/1.35.0/1.36.1/" "$1"\n'
        'else sed -i "s/kubernetesVersion/kubernetsVersion/" "$1"; fi\n'
    )
    script.chmod(0o755)
    engine = FakeEngine(settings(tmp_path, environment={"EDITOR": str(script)}))
    async with walking(engine) as walk:
        await walk.press("e", "E")
        assert "taken from your editor" in walk.text
        assert engine.open(STAGE).explain(("spec", "kubernetesVersion")).value == "1.36.1"
    assert "Unknown field" in (tmp_path / "seen.1").read_text()
    assert not list((tmp_path / "drafts").glob("*.yaml"))


async def test_the_filter_counts_inverts_and_goes_away(tmp_path: Path) -> None:
    async with walking(FakeEngine(settings(tmp_path))) as walk:
        await walk.press("slash")
        await walk.type("!prod")
        assert "2 of 4" in walk.lines[1]
        assert PROD not in walk.text
        await walk.press("enter")
        assert "/!prod" in walk.lines[1]
        await walk.press("escape")
        assert PROD in walk.text


async def test_commands(tmp_path: Path) -> None:
    async with walking(FakeEngine(settings(tmp_path))) as walk:
        for typed, seen in (
            ("nonsense", "no command 'nonsense'"),
            ("set a=b", "open a spec first"),
            ("plan us1.prod.example.com", "risk"),
            ("open new.dev.example.com", "INSTANCE GROUP"),
            ("history us1.prod.example.com", "rolling-update"),
            ("drift", "last applied by ann@bastion, 5h ago"),
            ("keys", "etcd-manager-ca-events"),
            ("theme kops-light", "Keys"),
            ("fleet", "PENDING"),
        ):
            await walk.press("colon")
            await walk.type(typed)
            await walk.press("enter")
            assert seen in walk.text
        assert walk.app.theme == "kops-light"


async def test_a_cluster_is_deleted_by_its_typed_name_alone(tmp_path: Path) -> None:
    engine = FakeEngine(settings(tmp_path, write=True))
    async with walking(engine) as walk:
        await walk.press("colon")
        await walk.type(f"delete {PROD}")
        await walk.press("enter")
        assert "subnet-1" in walk.text
        assert "2 delete" in walk.lines[1]
        assert "the spec names it" in walk.text
        engine.protected = ("cluster",)
        await walk.press("D")
        assert "protected" in walk.text
        engine.protected, engine.foreign = (), True
        await walk.press("r", "D")
        assert "in the way" in walk.text
        engine.foreign = False
        await walk.press("r", "D")
        assert f"Delete {PROD}?" in walk.text
        await walk.press("enter")
        assert "delete" not in engine.calls
        await walk.type(PROD[:-1])
        await walk.press("enter")
        assert "delete" not in engine.calls
        await walk.type(PROD[-1])
        await walk.press("enter")
        assert "nothing is left to do" in walk.text
        assert engine.calls.count("delete") == 1


async def test_a_read_only_session_deletes_nothing(tmp_path: Path) -> None:
    engine = FakeEngine(settings(tmp_path, write=False))
    async with walking(engine) as walk:
        await walk.press("colon")
        await walk.type(f"delete {PROD}")
        await walk.press("enter", "D")
        assert "read-only" in walk.text
        assert "delete" not in engine.calls


async def test_keys_are_shown_by_what_they_are_for_and_never_themselves(tmp_path: Path) -> None:
    engine = FakeEngine(settings(tmp_path))
    async with walking(engine, (120, 40)) as walk:
        await walk.press("j", "j", "j", "enter", "K")
        assert "5 keysets" in walk.text
        assert "7 keypairs" in walk.text
        assert "1 distrusted" in walk.text
        await walk.press("slash")
        await walk.type("kubernetes-ca")
        await walk.press("enter", "j")
        rows = [line for line in walk.lines if "stored" in line]
        assert [row.split("kubernetes-ca")[1].split()[0] for row in rows] == ["distrusted", "primary"]
        (chosen,) = [each for each in KEYPAIRS if (each.keyset, each.state) == ("kubernetes-ca", "primary")]
        assert chosen.certificate is not None
        fingerprint = chosen.certificate.fingerprint
        assert fingerprint[:47] in walk.text
        assert fingerprint[48:] in walk.text
        assert chosen.id in walk.text
        engine.errors["keypairs"] = StoreError("the bucket does not answer", where="s3://acme-kops")
        await walk.press("escape", "r")
        assert "the bucket does not answer" in walk.text
        engine.errors.clear()
        await walk.press("r")
        assert "does not answer" not in walk.text


async def test_a_command_is_completed(tmp_path: Path) -> None:
    async with walking(FakeEngine(settings(tmp_path))) as walk:
        await walk.press("colon")
        await walk.type("open us1")
        await walk.press("tab", "enter")
        assert PROD in walk.lines[1]


async def test_a_remapped_key_works_and_is_what_help_shows(tmp_path: Path) -> None:
    async with walking(FakeEngine(settings(tmp_path)), keymap={"fleet.plan": "f6"}) as walk:
        await walk.press("question_mark")
        assert walk.shows(HelpPage)
        assert any("f6" in line and "What applying would change" in line for line in walk.lines)
        await walk.press("escape", "P")
        assert not walk.shows(PlanPage)
        await walk.press("f6")
        assert walk.shows(PlanPage)


async def test_texts_leave_the_terminal_by_file(tmp_path: Path) -> None:
    async with walking(FakeEngine(settings(tmp_path))) as walk:
        await walk.press("e", "y", "escape", "escape", "P", "w", "J", "f8")
    out = tmp_path / "out"
    assert (out / "path.txt").read_text() == "spec.kubernetesVersion"
    assert "LaunchTemplate" in next(out.glob("plan-*.json")).read_text()
    assert next(out.glob("plan-*.txt")).read_text()
    assert all(file.stat().st_mode & 0o077 == 0 for file in out.iterdir())


async def test_a_resize_keeps_the_cursor_where_it_is(tmp_path: Path) -> None:
    async with walking(FakeEngine(settings(tmp_path))) as walk:
        await walk.press("e", *"j" * 20)
        key = walk.app.screen.query_one(Rows).key
        for size in ((120, 40), (80, 24), (200, 50)):
            await walk.resize(size)
            assert walk.app.screen.query_one(Rows).key == key
            assert any("❯" in line for line in walk.lines)
