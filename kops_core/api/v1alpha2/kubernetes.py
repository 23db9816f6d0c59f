"""Parts of Kubernetes' own pod types that a spec may hold: tolerations, affinity, environment."""

from typing import Annotated

from kops_core.api.v1alpha2.types import (
    Always,
    Int32,
    Int64,
    Model,
    Nonzero,
    OneOf,
    Quantity,
    about,
)


class Toleration(Model):
    """A taint that a pod accepts."""

    key: Nonzero[str] = about("Key of the taint; empty matches all.")
    operator: Nonzero[Annotated[str, OneOf(("Equal", "Exists", "Gt", "Lt"))]] = about(
        "How value is compared."
    )
    value: Nonzero[str] = about("Value of the taint.")
    effect: Nonzero[Annotated[str, OneOf(("NoSchedule", "PreferNoSchedule", "NoExecute"))]] = about(
        "Effect of the taint; empty matches all."
    )
    tolerationSeconds: Int64 | None = about("Seconds to stay after the taint appears.")


class NodeSelectorRequirement(Model):
    """A condition on a label or field of a node."""

    key: Always[str] = about("Label or field.")
    operator: Always[Annotated[str, OneOf(("In", "NotIn", "Exists", "DoesNotExist", "Gt", "Lt"))]] = about(
        "How it is compared with values."
    )
    values: list[str] | None = about("What it is compared with.")


class NodeSelectorTerm(Model):
    """Conditions that must all hold for a node."""

    matchExpressions: list[NodeSelectorRequirement] | None = about("Conditions on labels.")
    matchFields: list[NodeSelectorRequirement] | None = about("Conditions on fields.")


class NodeSelector(Model):
    """Terms of which one must hold for a node."""

    nodeSelectorTerms: Always[list[NodeSelectorTerm]] = about("The terms.")


class PreferredSchedulingTerm(Model):
    """Preferred nodes, with a weight."""

    weight: Always[Int32] = about("Weight, 1 to 100.")
    preference: Always[NodeSelectorTerm] = about("Which nodes are preferred.")


class NodeAffinity(Model):
    """Required and preferred nodes of a pod."""

    requiredDuringSchedulingIgnoredDuringExecution: NodeSelector | None = about("Which nodes are needed.")
    preferredDuringSchedulingIgnoredDuringExecution: list[PreferredSchedulingTerm] | None = about(
        "Which nodes are preferred."
    )


class LabelSelectorRequirement(Model):
    """A condition on a label."""

    key: Always[str] = about("Label.")
    operator: Always[Annotated[str, OneOf(("In", "NotIn", "Exists", "DoesNotExist"))]] = about(
        "How it is compared with values."
    )
    values: list[str] | None = about("What it is compared with.")


class LabelSelector(Model):
    """Selection of objects by labels."""

    matchLabels: dict[str, str] | None = about("Labels with these values.")
    matchExpressions: list[LabelSelectorRequirement] | None = about("Conditions on labels.")


class PodAffinityTerm(Model):
    """Pods to be near to, or apart from."""

    labelSelector: LabelSelector | None = about("Which pods.")
    namespaces: list[str] | None = about("Namespaces of those pods.")
    topologyKey: Always[str] = about("Node label that says what near means.")
    namespaceSelector: LabelSelector | None = about("Namespaces of those pods, by label.")
    matchLabelKeys: list[str] | None = about("Labels taken from the pod itself that must be equal.")
    mismatchLabelKeys: list[str] | None = about("Labels taken from the pod itself that must differ.")


class WeightedPodAffinityTerm(Model):
    """Preferred placement relative to pods, with a weight."""

    weight: Always[Int32] = about("Weight, 1 to 100.")
    podAffinityTerm: Always[PodAffinityTerm] = about("Which pods.")


class PodAffinity(Model):
    """Pods to be near to, or apart from."""

    requiredDuringSchedulingIgnoredDuringExecution: list[PodAffinityTerm] | None = about("What must hold.")
    preferredDuringSchedulingIgnoredDuringExecution: list[WeightedPodAffinityTerm] | None = about(
        "What is preferred."
    )


class Affinity(Model):
    """Scheduling constraints of a pod."""

    nodeAffinity: NodeAffinity | None = about("By node.")
    podAffinity: PodAffinity | None = about("Near other pods.")
    podAntiAffinity: PodAffinity | None = about("Apart from other pods.")


class ObjectFieldSelector(Model):
    """A field of the pod."""

    apiVersion: Nonzero[str] = about("API version of the path.")
    fieldPath: Always[str] = about("Path of the field.")


class ResourceFieldSelector(Model):
    """A request or limit of a container."""

    containerName: Nonzero[str] = about("Container.")
    resource: Always[str] = about("Which request or limit.")
    divisor: Always[Quantity] = about("Unit that the value is given in.")


class KeySelector(Model):
    """A key of a ConfigMap or Secret."""

    name: Nonzero[str] = about("Name of the object.")
    key: Always[str] = about("Key in it.")
    optional: bool | None = about("Whether it may be missing.")


class FileKeySelector(Model):
    """A key of a file in a volume."""

    volumeName: Always[str] = about("Volume.")
    path: Always[str] = about("Path of the file in it.")
    key: Always[str] = about("Key in the file.")
    optional: bool | None = about("Whether it may be missing.")


class EnvVarSource(Model):
    """Source of the value of an environment variable."""

    fieldRef: ObjectFieldSelector | None = about("A field of the pod.")
    resourceFieldRef: ResourceFieldSelector | None = about("A request or limit of a container.")
    configMapKeyRef: KeySelector | None = about("A key of a ConfigMap.")
    secretKeyRef: KeySelector | None = about("A key of a Secret.")
    fileKeyRef: FileKeySelector | None = about("A key of a file.")


class ContainerEnvVar(Model):
    """An environment variable of a container."""

    name: Always[str] = about("Name of the variable.")
    value: Nonzero[str] = about("Its value.")
    valueFrom: EnvVarSource | None = about("Where its value comes from.")
