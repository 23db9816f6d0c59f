"""Patches of the emulator (moto 5.2) where it differs from AWS, applied in the server's process.

Each is a function whose docstring says what AWS does. A test of each shows that the emulator alone still
differs, and that the patch corrects it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from kops_core.cloud.sandbox.moto_patches import autoscaling, balancers, ec2, endings, others

GAPS: Sequence[Callable[[], None]] = (
    autoscaling.user_data_of_later_versions,
    autoscaling.launch_by_template,
    autoscaling.version_that_an_instance_was_launched_from,
    autoscaling.mixed_instances_policies,
    autoscaling.names_of_groups,
    autoscaling.warm_pool_of_no_group,
    autoscaling.settings_of_groups,
    autoscaling.targets_of_replaced_instances,
    autoscaling.metrics_of_groups,
    ec2.protocols_by_number,
    ec2.subnet_attributes,
    ec2.route_tables_of_deleted_subnets,
    ec2.tags_of_dhcp_options,
    ec2.dhcp_options_of_vpcs,
    ec2.dependencies_on_what_is_there,
    ec2.zones_of_reserved_instances,
    ec2.repeated_requests,
    ec2.tags_of_new_dhcp_options,
    ec2.tags_of_launch_templates,
    ec2.addresses_in_use,
    ec2.fingerprints_of_ed25519_keys,
    ec2.blocks_of_subnets,
    ec2.interfaces_without_ipv4,
    ec2.addresses_of_subnets_without_ipv4,
    endings.instances_that_are_terminated,
    endings.key_pairs_by_id,
    others.pages,
    others.tags_of_instance_profiles,
    others.filters_of_nat_gateways,
    others.names_of_load_balancers,
    others.zones_of_network_load_balancers,
    balancers.interfaces_of_load_balancers,
    balancers.addresses_of_load_balancers,
    others.names_of_target_groups,
    others.listeners_by_port,
    others.records_that_exist,
    others.parameters_that_name_images,
)


def close_gaps() -> None:
    """Patches the emulator in this process. Raises AttributeError if its version is not the expected one."""
    for gap in GAPS:
        gap()
