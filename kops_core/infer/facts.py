"""Cloud facts: what the account and the region hold, as far as inference and the model need to know.

A facts document, as the recorder writes it, has one list for each kind of object.
Rules read the same facts as a tree, each object below its key, so that a rule's
reads name the very object that it looked at:

    region, account, partition     texts
    zones                          list of zone names
    hostedZones.<id>               name, private, vpcs
    images.<id>                    name, ownerId, ownerAlias, architecture, rootDeviceName, creationDate
    vpcs.<id>                      cidr, tags, internetGateway, egressOnlyInternetGateway
    subnets.<id>                   vpc, zone, cidr
    routeTables.<id>, addresses.<id>, natGateways.<id>, securityGroups.<id>
    targetGroups.<name>            {}
    instanceProfiles.<name>        roles
    buckets.<name>                 region, public (absent: its policy lets nobody in)
    instanceTypes.<name>           architectures (EC2's names), vcpus, memoryMiB, maxNetworkInterfaces,
                                   ipv4AddressesPerInterface, gpus, zones (absent: all of the region),
                                   instanceStorage (list of count and sizeGB)
    defaultInstanceTypes           machine type by role, where the account prescribes one
"""

from __future__ import annotations

from collections.abc import Mapping

from kops_core.api.values import Tree, Value

KEYS: Mapping[str, str] = {
    "hostedZones": "id",
    "images": "id",
    "vpcs": "id",
    "routeTables": "id",
    "subnets": "id",
    "addresses": "id",
    "natGateways": "id",
    "securityGroups": "id",
    "targetGroups": "name",
    "instanceProfiles": "name",
    "buckets": "name",
    "instanceTypes": "name",
}
"""The field that tells the objects of each kind apart."""


def keyed(document: Tree) -> Tree:
    """The tree that rules read, of a facts document with lists. An object without its key is left out."""
    return {kind: _by_key(kind, found) for kind, found in document.items()}


def listed(facts: Tree) -> Tree:
    """The facts document of a tree: ``keyed(listed(facts)) == facts``."""
    document: Tree = {}
    for kind, found in facts.items():
        if kind in KEYS and isinstance(found, dict):
            document[kind] = [
                {KEYS[kind]: name, **(each if isinstance(each, dict) else {})} for name, each in found.items()
            ]
        else:
            document[kind] = found
    return document


def _by_key(kind: str, found: Value) -> Value:
    key = KEYS.get(kind)
    if key is None or not isinstance(found, list):
        return found
    objects: Tree = {}
    for each in found:
        if isinstance(each, str):
            objects[each] = {}
        elif isinstance(each, dict) and isinstance(each.get(key), str):
            objects[str(each[key])] = {name: value for name, value in each.items() if name != key}
    return objects
