"""Settings of one cloud or another."""

from typing import Annotated

from kops_core.api.v1alpha2.openstack import OpenstackSpec
from kops_core.api.v1alpha2.types import (
    UNUSED,
    Always,
    Int32,
    Int64,
    Lost,
    Model,
    Nonzero,
    OneOf,
    Quantity,
    about,
)


class AzureSpec(Model):
    """Settings for Azure."""

    subscriptionId: Nonzero[str] = about("Subscription.")
    storageAccountID: Nonzero[str] = about("Storage account of the state store.")
    tenantId: Always[str] = about("Tenant.")
    resourceGroupName: Nonzero[str] = about("Resource group.")
    routeTableName: Nonzero[str] = about("Route table.")
    adminUser: Nonzero[str] = about("User of the machines.")


class EBSCSIDriverSpec(Model):
    """The driver for EBS volumes."""

    enabled: bool | None = about("Whether it is installed; always so.")
    managed: bool | None = about("Whether kOps installs it, or you do.")
    version: str | None = about("Version to run instead of the one kOps picks.")
    kubeAPIQPS: Quantity | None = about("Requests a second that it may make to the API server.")
    kubeAPIBurst: Int32 | None = about("Requests beyond that rate that it may make at once.")
    hostNetwork: Nonzero[bool] = about("Whether its controller uses the machine's network.")
    volumeAttachLimit: Int64 | None = about("Volumes of a machine at most.")
    podAnnotations: dict[str, str] | None = about("Annotations for its pods.")


class PDCSIDriver(Model):
    """The driver for GCE's persistent disks."""

    enabled: bool | None = about("Whether it is installed.")
    version: str | None = about("Version to run instead of the one kOps picks.")
    defaultStorageClassName: str | None = about("Name of the default storage class.")


class CloudConfiguration(Model):
    """Settings of one cloud or another."""

    manageStorageClasses: bool | None = about("Whether kOps installs storage classes.")
    multizone: bool | None = about("Whether a GCE cluster spans zones.")
    nodeTags: str | None = about("Network tag of GCE nodes.")
    nodeInstancePrefix: str | None = about("Prefix of GCE instance names.")
    nodeIPFamilies: list[str] | None = about("IP families of nodes' addresses.")
    gceServiceAccount: Nonzero[str] = about("Service account of GCE machines.")
    gceUseStartupScript: bool | None = about("Whether GCE machines start by a startup script.")
    disableSecurityGroupIngress: bool | None = about(
        "Whether the cloud controller leaves security groups alone."
    )
    elbSecurityGroup: str | None = about("Security group for all classic load balancers of services.")
    nlbSecurityGroupMode: Annotated[str, OneOf(("Managed",))] | None = about(
        "Who manages the security groups of network load balancers."
    )
    useIPBasedNodeNames: bool | None = about("Whether nodes are named by address rather than instance id.")
    vSphereUsername: Lost[str] = about(UNUSED)
    vSpherePassword: Lost[str] = about(UNUSED)
    vSphereServer: Lost[str] = about(UNUSED)
    vSphereDatacenter: Lost[str] = about(UNUSED)
    vSphereResourcePool: Lost[str] = about(UNUSED)
    vSphereDatastore: Lost[str] = about(UNUSED)
    vSphereCoreDNSServer: Lost[str] = about(UNUSED)
    spotinstProduct: str | None = about("Product of Spotinst.")
    spotinstOrientation: str | None = about("Orientation of Spotinst.")
    openstack: OpenstackSpec | None = about("Settings for OpenStack.")
    azure: AzureSpec | None = about("Settings for Azure.")
    awsEBSCSIDriver: EBSCSIDriverSpec | None = about("The driver for EBS volumes.")
    gcpPDCSIDriver: PDCSIDriver | None = about("The driver for persistent disks.")
