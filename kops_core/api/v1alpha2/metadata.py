"""The metadata that every kind has: the fields of Kubernetes' ObjectMeta that kOps keeps."""

from kops_core.api.v1alpha2.types import Always, Anything, Int64, Model, Nonzero, Timestamp, about


class OwnerReference(Model):
    """An object that this one belongs to."""

    apiVersion: Always[str] = about("API version of the owner.")
    kind: Always[str] = about("Kind of the owner.")
    name: Always[str] = about("Name of the owner.")
    uid: Always[str] = about("Unique id of the owner.")
    controller: bool | None = about("Whether the owner is the managing controller.")
    blockOwnerDeletion: bool | None = about("Whether the owner can't go before this object.")


class ObjectMeta(Model):
    """Name, labels and what Kubernetes' machinery records about an object."""

    name: Nonzero[str] = about("Name of the object; a cluster's is its DNS name.")
    generateName: Nonzero[str] = about("Prefix from which a name is made where there is none.")
    namespace: Nonzero[str] = about("Namespace of the object, where it is kept in Kubernetes.")
    selfLink: Nonzero[str] = about("Legacy address of the object.")
    uid: Nonzero[str] = about("Unique id, set by the API server.")
    resourceVersion: Nonzero[str] = about("Version of the stored object, set by the API server.")
    generation: Nonzero[Int64] = about("How often the spec was changed.")
    creationTimestamp: Nonzero[Timestamp] = about("When the object was created.")
    deletionTimestamp: Timestamp | None = about("When the object is to be gone.")
    deletionGracePeriodSeconds: Int64 | None = about("Seconds that the object may take to end.")
    labels: dict[str, str] | None = about("Labels; kops.k8s.io/cluster names an instance group's cluster.")
    annotations: dict[str, str] | None = about("Free notes, by name.")
    ownerReferences: list[OwnerReference] | None = about("Objects that this one belongs to.")
    finalizers: list[str] | None = about("What must happen before the object can be removed.")
    managedFields: list[dict[str, Anything]] | None = about("Which manager set which field.")
