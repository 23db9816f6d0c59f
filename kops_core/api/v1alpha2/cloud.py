"""cloud"""

from kops_core.api.v1alpha2.openstack import OpenstackSpec
from kops_core.api.v1alpha2.types import UNUSED, Always, Int32, Int64, Lost, Model, Nonzero, Quantity, about


class AzureSpec(Model):
    """AzureSpec."""

    subscriptionId: Nonzero[str] = about("")
    storageAccountID: Nonzero[str] = about("")
    tenantId: Always[str] = about("")
    resourceGroupName: Nonzero[str] = about("")
    routeTableName: Nonzero[str] = about("")
    adminUser: Nonzero[str] = about("")


class EBSCSIDriverSpec(Model):
    """EBSCSIDriverSpec."""

    enabled: bool | None = about("")
    managed: bool | None = about("")
    version: str | None = about("")
    kubeAPIQPS: Quantity | None = about("")
    kubeAPIBurst: Int32 | None = about("")
    hostNetwork: Nonzero[bool] = about("")
    volumeAttachLimit: Int64 | None = about("")
    podAnnotations: dict[str, str] | None = about("")


class PDCSIDriver(Model):
    """PDCSIDriver."""

    enabled: bool | None = about("")
    version: str | None = about("")
    defaultStorageClassName: str | None = about("")


class CloudConfiguration(Model):
    """CloudConfiguration."""

    manageStorageClasses: bool | None = about("")
    multizone: bool | None = about("")
    nodeTags: str | None = about("")
    nodeInstancePrefix: str | None = about("")
    nodeIPFamilies: list[str] | None = about("")
    gceServiceAccount: Nonzero[str] = about("")
    gceUseStartupScript: bool | None = about("")
    disableSecurityGroupIngress: bool | None = about("")
    elbSecurityGroup: str | None = about("")
    nlbSecurityGroupMode: str | None = about("")
    useIPBasedNodeNames: bool | None = about("")
    vSphereUsername: Lost[str] = about(UNUSED)
    vSpherePassword: Lost[str] = about(UNUSED)
    vSphereServer: Lost[str] = about(UNUSED)
    vSphereDatacenter: Lost[str] = about(UNUSED)
    vSphereResourcePool: Lost[str] = about(UNUSED)
    vSphereDatastore: Lost[str] = about(UNUSED)
    vSphereCoreDNSServer: Lost[str] = about(UNUSED)
    spotinstProduct: str | None = about("")
    spotinstOrientation: str | None = about("")
    openstack: OpenstackSpec | None = about("")
    azure: AzureSpec | None = about("")
    awsEBSCSIDriver: EBSCSIDriverSpec | None = about("")
    gcpPDCSIDriver: PDCSIDriver | None = about("")
