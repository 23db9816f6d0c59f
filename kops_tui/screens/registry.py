"""The registry of screens: one entry gives a screen its name, its command and its key."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from textual.binding import Binding
from textual.screen import Screen

from kops_tui.host import ScreenEntry, ScreenHost
from kops_tui.keys import bind
from kops_tui.runs import Run
from kops_tui.screens.addons import AddonsPage
from kops_tui.screens.cluster import ClusterPage
from kops_tui.screens.deletion import DeletionPage, DeletionProgressPage
from kops_tui.screens.drift import DriftPage
from kops_tui.screens.etcd import EtcdPage
from kops_tui.screens.history import HistoryPage
from kops_tui.screens.instances import InstancesPage
from kops_tui.screens.keypairs import KeypairsPage
from kops_tui.screens.many import ACTIONS, ManyPage
from kops_tui.screens.page import Page
from kops_tui.screens.plan import show_plan
from kops_tui.screens.progress import OperationPage, ProgressPage
from kops_tui.screens.protection import ProtectionPage
from kops_tui.screens.reconcile import ReconcilePage
from kops_tui.screens.rolling import OutdatedNodesPage, ReconcileProgressPage, RollingUpdatePage
from kops_tui.screens.spec import SpecPage
from kops_tui.screens.validation import ValidationPage


def _pushing(page: Callable[[str], Page]) -> Callable[[ScreenHost, str], object]:
    """Show a new screen of a kind."""
    return lambda host, cluster: host.push_screen(page(cluster))


def _cluster_page(cluster: str) -> ClusterPage:
    return ClusterPage(cluster, [each.key for each in CLUSTER_SCREENS.values() if each.key is not None])


def many_page(action: str, clusters: Sequence[str]) -> ManyPage:
    """The screen of an action on several clusters."""
    return ManyPage(ACTIONS[action], clusters)


def _link_key(name: str, keys: str, label: str, help_: str, rank: int) -> Binding:
    """A key on a cluster's overview that leads to the screen of that name."""
    return bind(f"cluster.{name}", keys, f"open_screen('{name}')", label, help_, rank=rank)


CLUSTER_SCREENS: Mapping[str, ScreenEntry] = {
    "open": ScreenEntry(_pushing(_cluster_page), "a cluster's overview", usage="open CLUSTER"),
    "spec": ScreenEntry(
        _pushing(SpecPage),
        "yours and inferred, side by side",
        usage="spec [CLUSTER or GROUP]",
        key=_link_key("spec", "e", "edit cluster", "Spec of the cluster", 12),
    ),
    "plan": ScreenEntry(
        show_plan,
        "what applying would change",
        key=_link_key("plan", "P", "plan", "What applying would change", 14),
    ),
    "roll": ScreenEntry(
        _pushing(OutdatedNodesPage),
        "nodes that need to be replaced",
        key=_link_key("roll", "R", "roll", "Replace the nodes that need it", 16),
    ),
    "reconcile": ScreenEntry(
        _pushing(ReconcilePage),
        "all that the cluster needs, in stages",
        key=_link_key("reconcile", "C", "reconcile", "Control plane, nodes and pruning, in stages", 19),
    ),
    "validate": ScreenEntry(
        _pushing(ValidationPage),
        "whether the running cluster works",
        key=_link_key(
            "validate", "v", "validate", "Whether the running cluster works, and what is wrong", 15
        ),
    ),
    "export": ScreenEntry(
        lambda host, cluster: host.push_screen(many_page("export", [cluster])),
        "write a kubeconfig for the cluster, without credentials",
    ),
    "upgrade": ScreenEntry(
        lambda host, cluster: host.push_screen(many_page("upgrade", [cluster])),
        "the channel's next version, as unsaved edits",
        key=_link_key("upgrade", "u", "upgrade", "The channel's next version, as unsaved edits", 20),
    ),
    "drift": ScreenEntry(
        _pushing(DriftPage),
        "what was changed in the account",
        key=_link_key("drift", "D", "drift", "What was changed in the account, what in the spec", 17),
    ),
    "keys": ScreenEntry(
        _pushing(KeypairsPage),
        "keypairs: which sign, which are trusted",
        key=_link_key("keys", "K", "keys", "Its keypairs: which sign, which are trusted, until when", 18),
    ),
    "instances": ScreenEntry(
        _pushing(InstancesPage),
        "its machines, and what of each is outdated",
        key=_link_key("instances", "i", "instances", "Its machines, and what of each is outdated", 21),
    ),
    "addons": ScreenEntry(
        _pushing(AddonsPage),
        "its add-ons: in the cluster, the store and the spec",
        key=_link_key("addons", "a", "add-ons", "Its add-ons: in the cluster, the store and the spec", 22),
    ),
    "etcd": ScreenEntry(
        _pushing(EtcdPage),
        "etcd's backups, and restoring one",
        key=_link_key("etcd", "b", "etcd backups", "Backups of its etcd clusters, and restoring one", 23),
    ),
    "protect": ScreenEntry(
        _pushing(ProtectionPage),
        "what is protected against deletion",
        key=_link_key("protect", "p", "protect", "Protect it and its groups against deletion", 0),
    ),
    "history": ScreenEntry(_pushing(HistoryPage), "what was done, by whom"),
    "delete": ScreenEntry(_pushing(DeletionPage), "what deleting it would take along"),
}
"""Screens about one cluster, by name; the name is the command that shows it."""

RUN_SCREENS: Mapping[str, Callable[[Run], Screen[None]]] = {
    "apply": ProgressPage,
    "rolling-update": RollingUpdatePage,
    "delete": DeletionProgressPage,
    "reconcile": ReconcileProgressPage,
    "delete-instancegroup": OperationPage,
    "delete-instance": RollingUpdatePage,
}
"""Screens of operations, by kind."""
