"""The add-ons of one cluster: in the cluster, in the store, and what the spec wants, object by object."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, TypeAlias

from textual import on
from textual.app import ComposeResult

from kops_core import Action, ApiAccess, KopsError, object_changes
from kops_tui.ports import Workspace
from kops_tui.screens.page import Page
from kops_tui.screens.plan_details import TONES
from kops_tui.styled_text import Line, Span, Tone, count, joined, line
from kops_tui.widgets.rows import NO_FLAG, Column, Row, Rows
from kops_tui.widgets.styled_lines import Note

if TYPE_CHECKING:
    from kops_core import AddonStatus, Change, ObjectChange, Plan

_COLUMNS = (
    Column("ADD-ON", 33, flex=2),
    Column("NAMESPACE", 12, least=110),
    Column("CLUSTER", 12),
    Column("STORE", 12),
    Column("SPEC", 8, flex=1),
)
_KIND = "AddonManifest"
_DIGITS = 12
"""Hexadecimal digits of a manifest's hash that are shown."""


@dataclass(frozen=True)
class AddonKey:
    """An add-on."""

    name: str


@dataclass(frozen=True)
class ObjectKey:
    """An object of an add-on's manifest that differs, or one of its fields."""

    addon: str
    object: str
    field: str = ""


AddonsKey: TypeAlias = AddonKey | ObjectKey


@dataclass(frozen=True)
class Addon:
    """What is known of one add-on."""

    name: str
    status: AddonStatus | None = None
    """As the store and the cluster have it; None if neither has."""
    change: Change | None = None
    """What the next apply does with its manifest; None if that is not known yet."""
    objects: tuple[ObjectChange, ...] = ()
    """The objects of the manifest that it creates, changes and removes."""


class AddonsPage(Page):
    """Which add-ons there are, and what of them differs between cluster, store and spec."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self.cluster = name
        self.statuses: Sequence[AddonStatus] = ()
        self.plan: Plan | None = None
        self.unreachable = ""
        """Why the cluster can't be asked; "" if it answered, or was not asked yet."""
        self.answered = False
        """Whether the cluster told what it runs."""
        self.opened: set[str] = set()
        self.table: Rows[AddonsKey] = Rows(_COLUMNS, empty="reading the store ...")

    def body(self) -> ComposeResult:
        yield Note([(), ()], id="about")
        yield self.table

    def breadcrumbs(self) -> tuple[str, ...]:
        return ("Fleet", self.cluster, "Add-ons")

    def shell_commands(self) -> tuple[str, ...]:
        return (*self.in_shell("toolbox addons list"), *self.in_shell("update cluster", "update cluster"))

    def on_mount(self) -> None:
        self.reload()

    def reload(self) -> None:
        self.answered, self.unreachable = False, ""
        self.with_workspace(self._ask)

    def _ask(self, workspace: Workspace) -> None:
        self.run_query(
            "comparing with the spec", workspace.plan, lambda found: self._show_plan(found.plan), group="plan"
        )
        self.run_query(
            "asking Kubernetes", partial(_ask_cluster, workspace), self._show_cluster, group="cluster"
        )
        self.run_query("reading the store", workspace.stored_addons, self._show_stored, group="store")

    def _show_stored(self, found: Sequence[AddonStatus]) -> None:
        if not self.answered:
            self.statuses = found
            self.refill()

    def _show_cluster(self, answer: Sequence[AddonStatus] | KopsError) -> None:
        if isinstance(answer, KopsError):
            self.unreachable = answer.what
        else:
            self.statuses, self.answered = answer, True
        self.refill()

    def _show_plan(self, plan: Plan) -> None:
        self.plan = plan
        self.refill()

    def refill(self) -> None:
        addons = known_addons(self.statuses, self.plan)
        rows: list[Row[AddonsKey]] = []
        for each in addons.values():
            namespace = each.status.namespace if each.status is not None else ""
            if self.matches_filter(each.name, namespace):
                rows.append(self._build_row(each))
                rows += self._build_objects(each) if each.name in self.opened else []
        waits = self.is_asking("store") or self.is_asking("plan")
        self.table.show(
            rows,
            empty="reading the store ..." if waits else self.empty_text("it has no add-ons: apply it first"),
        )
        self.query_one("#about", Note).show(self._summary_lines(list(addons.values())))

    def _summary_lines(self, addons: Sequence[Addon]) -> list[Line]:
        differing = sum(bool(each.objects) for each in addons)
        outdated = sum(each.status is not None and not each.status.up_to_date for each in addons)
        dot = f" {self.kops.glyphs.dot} "
        told = [count(len(addons), "add-on")]
        if self.plan is not None:
            told.append(
                f"{differing} to be changed by the next apply"
                if differing
                else "the store is as the spec wants it"
            )
        cluster: Line = line(Span("asking the cluster which it runs ...", Tone.MUTED))
        if self.unreachable:
            cluster = line(Span("Kubernetes does not answer: ", Tone.WARN), self.unreachable)
        elif self.answered:
            note = (
                f"{outdated} in the cluster are not what the store has"
                if outdated
                else "the cluster runs what the store has"
            )
            cluster = line(Span(note, Tone.WARN if outdated else Tone.GOOD))
        return [line(" ", joined(told, dot)), line(" ", cluster)]

    def _build_row(self, each: Addon) -> Row[AddonsKey]:
        status, glyphs = each.status, self.kops.glyphs
        sign = (glyphs.open if each.name in self.opened else glyphs.closed) if each.objects else " "
        stale = self.answered and status is not None and not status.up_to_date
        installed: Line = line(Span("-" if self.answered else "?", Tone.MUTED))
        if self.answered and status is not None:
            known = status.installed[:_DIGITS] or status.state
            installed = line(Span(known, Tone.WARN if stale else Tone.GOOD))
        stored = status.wanted[:_DIGITS] if status is not None and status.wanted else "-"
        return Row(
            AddonKey(each.name),
            (
                line(f"{sign} ", Span(each.name, Tone.STRONG)),
                line(status.namespace if status is not None else ""),
                installed,
                line(stored),
                self._build_wanted(each),
            ),
            Span("~", Tone.WARN) if stale or each.objects else NO_FLAG,
        )

    def _build_wanted(self, each: Addon) -> Line:
        """What the next apply does with an add-on's manifest."""
        if self.plan is None:
            return line(Span("..." if self.is_asking("plan") else "?", Tone.MUTED))
        change = each.change
        if change is None:
            return line(Span("not wanted: left alone", Tone.MUTED))
        if change.action is Action.NO_OP:
            return line(Span("the same", Tone.GOOD))
        told = count(len(each.objects), "object") if each.objects else "contents"
        return line(Span(f"{change.action.glyph} {change.action.value}", TONES[change.action]), f"  {told}")

    def _build_objects(self, each: Addon) -> list[Row[AddonsKey]]:
        """The objects of an add-on that differ, each with its fields."""
        rows: list[Row[AddonsKey]] = []
        arrow = f" {self.kops.glyphs.arrow} "
        for one in each.objects:
            told = "" if one.fields else f"  {one.action.value}"
            if one.pruned is not None:
                told = (
                    "  pruned: the cluster loses it" if one.pruned else "  stays in the cluster: not pruned"
                )
            name = Span(one.name or "contents", Tone.STRONG)
            glyph = Span(f"     {one.action.glyph} ", TONES[one.action])
            rows.append(Row(ObjectKey(each.name, one.name), (line(glyph, name, told),)))
            for field in one.fields:
                before = "(unset)" if field.before is None else field.before
                after = "(unset)" if field.after is None else field.after
                text = line(
                    f"         {field.path}  ",
                    Span(before, Tone.BAD),
                    Span(arrow, Tone.MUTED),
                    Span(after, Tone.GOOD),
                )
                rows.append(Row(ObjectKey(each.name, one.name, field.path), (text,)))
        return rows

    @on(Rows.Selected)
    def _unfold(self) -> None:
        """Show or hide the objects of the add-on under the cursor that differ."""
        key = self.table.key
        if key is None:
            return
        name = key.name if isinstance(key, AddonKey) else key.addon
        if not known_addons(self.statuses, self.plan)[name].objects:
            self.show_notice("nothing of its manifest differs between the store and the spec")
            return
        self.opened ^= {name}
        self.refill()
        self.table.move_to_key(AddonKey(name))
        self.table.reveal_below(lambda below: isinstance(below, ObjectKey) and below.addon == name)


def _ask_cluster(workspace: Workspace) -> Sequence[AddonStatus] | KopsError:
    """I/O. The add-ons of the cluster, or why it can't be asked: store and spec are shown all the same."""
    try:
        return workspace.addons(ApiAccess())
    except KopsError as error:
        return error


def known_addons(statuses: Sequence[AddonStatus], plan: Plan | None) -> Mapping[str, Addon]:
    """The add-ons of cluster and store, and of a plan, by name.

    In a plan an add-on's manifest has a name that ends with the add-on's, and perhaps an id after it.
    """
    found = {each.name: Addon(each.name, each) for each in statuses}
    for change in plan.changes if plan is not None else ():
        if plan is None or change.key.kind != _KIND:
            continue
        full = change.key.name.partition("-addons-")[2]
        longest_first = sorted((each.name for each in statuses), key=len, reverse=True)
        name = next((each for each in longest_first if full == each or full.startswith(f"{each}-")), full)
        objects = tuple(
            one
            for field in change.fields
            if change.action is not Action.NO_OP
            for one in object_changes(change, field, plan)
        )
        status = found[name].status if name in found else None
        found[name] = Addon(name, status, change, objects)
    return dict(sorted(found.items()))
