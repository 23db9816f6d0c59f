"""What outlives a screen: where clusters were found, and their workspaces with unsaved edits."""

from __future__ import annotations

from collections.abc import Sequence

from kops_tui.ports import Workspace


class Session:
    """What the screens of one run of the program share."""

    def __init__(self, stores: Sequence[str]) -> None:
        """stores: URLs of the state stores, the first one being the default."""
        self.account = ""
        """Account and region, e.g. ``123456789012/us-east-1``; "" until known."""
        self.new_cluster: dict[str, str] = {}
        """What was typed into the form of a new cluster that was not stored yet, by field."""
        self._stores = tuple(stores)
        self._found: dict[str, str] = {}
        self._workspaces: dict[str, Workspace] = {}

    def store_of(self, cluster: str) -> str:
        """The state store that a cluster was found in, or the first one."""
        return self._found.get(cluster) or (self._stores[0] if self._stores else "")

    def record_store(self, cluster: str, store: str) -> None:
        """Remember where a cluster was found; the first store that has it counts."""
        self._found.setdefault(cluster, store)

    @property
    def known_clusters(self) -> list[str]:
        """Names of the clusters found so far."""
        return sorted(self._found)

    def workspace(self, cluster: str) -> Workspace | None:
        """The workspace of a cluster, if it is open: its edits outlive the screens."""
        return self._workspaces.get(cluster)

    def add_workspace(self, workspace: Workspace) -> None:
        """Remember an open workspace."""
        self._workspaces[workspace.name] = workspace

    @property
    def workspaces(self) -> list[Workspace]:
        """All open workspaces."""
        return list(self._workspaces.values())
