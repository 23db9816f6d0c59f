"""Requirements on safety: read-only sessions, the one gate, questions, previews that change nothing."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from textual.widgets import Input

import kops_core
from kops_core import (
    ApiAccess,
    CancelToken,
    Engine,
    GroupDeletionOptions,
    Limits,
    Refused,
    RollingSettings,
    Settings,
    parse_path,
)
from kops_tui.dialogs.confirm import ConfirmDialog
from kops_tui.keys import FooterRank
from tests.tui.conftest import CLUSTER
from tests.tui.driver import AppDriver, run_app
from tests.tui.every_screen import PRESSED, Watched, open_only, press_fast, watched

pytestmark = pytest.mark.full

World = tuple[Settings, Watched]
NODES = "nodes-us-east-1a"
_ENDS = ("app.quit",)
"""Keys that end the program."""
_YES = ("save.yes",)
"""Keys that are themselves the answer to a question: the screen before a save."""
_OF_A_FORM = "Remove everything that was typed?"
"""A question about what is in the form alone, which a read-only session may answer, too."""
_WITH_SHARED_KEYS = ("fleet", "spec", "plan")
"""Screens on which the keys that all screens share are pressed, too."""


@pytest.fixture(scope="module")
def account(sandboxed_once: Settings) -> Iterator[World]:
    """The sandbox behind a proxy that sees every request."""
    with watched(sandboxed_once) as (settings, seen):
        yield replace(settings, environment={**settings.environment, "KUBE_EDITOR": "true"}), seen


def declared(driver: AppDriver) -> dict[str, str]:
    """The keys that our screens and lists declare for the screen in front, and the id of each."""
    return {
        each.binding.key: each.binding.id or ""
        for each in driver.app.screen.active_bindings.values()
        if isinstance(each.binding.group, FooterRank) and each.binding.id not in _ENDS
    }


async def press_every_key(driver: AppDriver, name: str, *, but: Collection[str] = ()) -> list[str]:
    """Press every key of a screen on the screen itself; in questions, Enter fifty times.

    but: parts of ids, or whole ids, whose keys are left out. Returns the titles of the questions.
    """
    app, asked = driver.app, []
    await open_only(driver, name)
    screen = app.screen
    keys = {key: id_ for key, id_ in declared(driver).items() if not {id_, id_.partition(".")[0]} & set(but)}
    moves = [key for key, id_ in keys.items() if id_.startswith("rows.") and id_ != "rows.choose"]
    await press_fast(driver, *moves)
    for key in keys.keys() - set(moves):
        await press_fast(driver, key)
        if isinstance(app.screen, ConfirmDialog):
            asked.append(app.screen.question.title)
            await press_fast(driver, *["enter"] * 50)
        if isinstance(app.screen.focused, Input):
            await press_fast(driver, "escape")
        if screen not in app.screen_stack:
            await open_only(driver, name)
            screen = app.screen
        while app.screen is not screen:
            app.pop_screen()
            await driver.settle()
    return asked


def _everything_that_changes(engine: Engine) -> Iterator[Callable[[], object]]:
    """A call of every method of the engine that changes something."""
    work, token = engine.open(CLUSTER), CancelToken()
    work.set(parse_path("spec.kubelet.maxPods"), "80")
    keys, credentials, etcd = engine.keypairs(CLUSTER), engine.credentials(CLUSTER), work.etcd_clusters()
    deletion, history = engine.deletion(CLUSTER), engine.spec_history(CLUSTER)
    made = engine.make_cluster(engine.create_options(["b.example.com", "--zones", "us-east-1a"]))
    instance = work.instance_deleter("i-1", RollingSettings(), ApiAccess())
    group = work.group_deleter(NODES, GroupDeletionOptions())
    yield work.save
    yield lambda: work.apply(_ignore, token)
    yield lambda: work.roll((), _ignore, token)
    yield lambda: work.reconcile(_ignore, token)
    yield lambda: work.delete_instance(instance, _ignore, token)
    yield lambda: group.carry_out(_ignore, token)
    yield lambda: deletion.carry_out(None, _ignore, token, Limits())
    yield lambda: engine.store_cluster(made)
    yield lambda: engine.store_group(CLUSTER, "kind: InstanceGroup")
    yield lambda: engine.create({})
    yield lambda: engine.replace({}, force=True)
    yield lambda: engine.store_folder({})
    yield lambda: engine.protect(CLUSTER)
    yield lambda: engine.break_lock(CLUSTER, None)
    yield lambda: keys.create("service-account", _ignore)
    yield lambda: keys.promote("service-account", _ignore)
    yield lambda: keys.distrust("service-account", _ignore)
    yield lambda: keys.trust("service-account", _ignore, ["1"])
    yield lambda: credentials.create_secret("a", b"x")
    yield lambda: credentials.delete_secret("a")
    yield lambda: credentials.add_ssh_public_key(b"x")
    yield credentials.delete_ssh_public_keys
    yield lambda: etcd.stage_restore("main", "1")
    yield lambda: etcd.withdraw("main")
    yield lambda: history.restore("1")
    yield lambda: history.restore_keys("1")


def test_requirement_03_the_engine_itself_refuses_every_change_in_a_read_only_session(account: World) -> None:
    settings, seen = account
    refused: set[str] = set()
    for change in _everything_that_changes(Engine(replace(settings, write=False))):
        with pytest.raises(Refused, match="read-only") as error:
            change()
        refused.add(error.value.what.partition("it will not ")[2])
    assert not seen.changes
    declared_in = Path(kops_core.__file__).parent / "engine"
    sources = "".join(path.read_text() for path in declared_in.rglob("*.py"))
    guarded = set(re.findall(r'expect_write\(f?"([^"]+)"\)', sources))
    of_terraform = {"make the cluster's keys"}
    assert {each.replace("{name}", "a") for each in guarded} - of_terraform == refused, "each was called"


def _ignore(_: object) -> None:
    """Take an event."""


@pytest.mark.sweep
async def test_requirement_03_a_read_only_session_changes_nothing_whatever_key_is_pressed(
    account: World,
) -> None:
    settings, seen = account
    async with run_app(Engine(replace(settings, write=False)), now=datetime.now(UTC)) as driver:
        for name in PRESSED:
            asked = await press_every_key(driver, name, but=("app", "page", "rows"))
            assert set(asked) <= {_OF_A_FORM}, name
            assert not seen.changes, name
    assert seen.reads
    assert not driver.app.runs


async def test_requirement_04_no_key_changes_anything_before_a_question_is_answered(account: World) -> None:
    settings, seen = account
    questions: list[str] = []
    async with run_app(Engine(settings), now=datetime.now(UTC)) as driver:
        for name in PRESSED:
            shared = () if name in _WITH_SHARED_KEYS else ("app", "page")
            questions += await press_every_key(driver, name, but=(*_YES, *shared))
            assert not seen.changes, name
        assert not driver.app.runs
    first_words = {title.split()[0] for title in questions}
    # Not always all of them: some are asked only once the sandbox's Kubernetes and the form have answered.
    reached = first_words & {"Apply", "Create", "Delete", "Protect", "Remove"}
    assert len(reached) >= 3, "it reached the questions"


@pytest.mark.sweep
async def test_requirement_05_fifty_enters_on_any_screen_change_nothing(account: World) -> None:
    settings, seen = account
    async with run_app(Engine(settings), now=datetime.now(UTC)) as driver:
        for name in PRESSED:
            await open_only(driver, name)
            await press_fast(driver, *["enter"] * 50)
            assert not seen.changes, name
        assert not driver.app.runs


async def test_requirement_05_a_question_says_what_where_who_how_it_is_undone_and_cancel_is_first(
    account: World,
) -> None:
    settings, seen = account
    async with run_app(Engine(settings), (120, 40), now=datetime.now(UTC)) as driver:
        await open_only(driver, "plan of edits")
        await driver.press("A")
        dialog = driver.app.screen
        assert isinstance(dialog, ConfirmDialog)
        assert CLUSTER in dialog.question.title
        assert all(word in driver.text for word in ("where", "s3://", "who", "undone"))
        assert dialog.answers.key is False, "the cursor is on: cancel"
        await driver.press("escape")
        await open_only(driver, "delete")
        await driver.press("D")
        dialog = driver.app.screen
        assert isinstance(dialog, ConfirmDialog)
        assert dialog.question.typed == CLUSTER
        assert "undone" in driver.text
        await driver.type(CLUSTER[:-1])
        await press_fast(driver, *["enter"] * 50)
        assert "that is not it" in driver.text
        await driver.press("escape")
    assert not seen.changes


async def test_requirement_05_a_protected_cluster_is_not_deleted(account: World) -> None:
    settings, seen = account
    engine = Engine(settings)
    engine.protect(CLUSTER)
    try:
        seen.changes.clear()
        async with run_app(engine, (120, 40), now=datetime.now(UTC)) as driver:
            await open_only(driver, "delete")
            await driver.press("D")
            assert not isinstance(driver.app.screen, ConfirmDialog)
            assert "protected" in driver.text
        with pytest.raises(Refused, match="protected"):
            engine.deletion(CLUSTER).carry_out(None, _ignore, CancelToken(), Limits())
        assert [each for each in seen.changes if "/.kops-tui/" not in each] == []
    finally:
        engine.protect(CLUSTER, on=False)
        seen.changes.clear()


async def test_requirement_12_a_preview_changes_neither_store_nor_account(account: World) -> None:
    settings, seen = account
    reads = seen.reads
    async with run_app(Engine(settings), (120, 40), now=datetime.now(UTC)) as driver:
        for name in (
            "plan",
            "plan of edits",
            "reconcile",
            "roll",
            "drift",
            "upgrade",
            "delete",
            "new cluster",
        ):
            await open_only(driver, name)
            await driver.press("r")
            assert not seen.changes, name
        await open_only(driver, "plan of edits")
        assert "launch template" in driver.text
        await driver.press("X", "w", "J")
        assert "written" in driver.text
    assert not seen.changes
    assert seen.reads > reads
