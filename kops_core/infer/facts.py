"""Cloud facts: the parts of account and region that inference and the model read.

A facts document, as the recorder writes it, has one list for each kind of object.
Rules read the same facts as a tree, each object below its key, so that the reads of a rule name the exact
object:

    region, account, partition     texts
    zones                          list of zone names
    hostedZones.<id>               name, private, vpcs
    images.<id>                    name, ownerId, ownerAlias, architecture, rootDeviceName, creationDate
    vpcs.<id>                      cidr, tags, internetGateway, egressOnlyInternetGateway
    subnets.<id>                   vpc, zone, cidr
    routeTables.<id>, addresses.<id>, natGateways.<id>, securityGroups.<id>
    targetGroups.<name>            {}
    instanceProfiles.<name>        roles
    buckets.<name>                 region, public (absent: not public by its policy)
    instanceTypes.<name>           architectures (EC2's names), vcpus, memoryMiB, maxNetworkInterfaces,
                                   ipv4AddressesPerInterface, gpus, zones (absent: all of the region),
                                   instanceStorage (list of count and sizeGB)
    defaultInstanceTypes           machine type by role, where the account has a default
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
"""The key field of each kind of object."""


def keyed(document: Tree) -> Tree:
    """The tree for rules, from a facts document with lists. Objects without a key are left out."""
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
