"""What operators are told about restores of etcd, on screens and without one."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from kops_core import EtcdBackup


def restore_consequence(etcd: str, backup: EtcdBackup) -> str:
    """What a restore of a backup means."""
    at = f"{backup.at:%Y-%m-%d %H:%M:%S} UTC" if backup.at else backup.name
    return (
        f"the etcd cluster {etcd} would go back to {at}: everything that the cluster has recorded in it "
        "since is lost, and the API is away until the control plane has restarted"
    )


def after_request(etcd: str) -> str:
    """What has to be done after a restore was requested."""
    return (
        f"etcd-manager restores it when it starts: restart the etcd-manager pods of {etcd} on all "
        f"control-plane nodes at the same time (delete the pods etcd-manager-{etcd}-* in kube-system, or "
        "stop their containers)"
    )


def lost_control_warning(etcd: str, url: str) -> str:
    """What a missing control file means."""
    return (
        f"{url}/control/etcd-cluster-created is gone although there are backups: at its next start "
        f"etcd-manager would take {etcd} for a new cluster and start it empty; restore a backup first"
    )
