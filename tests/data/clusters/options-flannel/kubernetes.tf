locals {
  cluster_name                 = "options-flannel.judge.example"
  master_autoscaling_group_ids = [aws_autoscaling_group.control-plane-us-east-1a-masters-options-flannel-judge-example.id]
  master_security_group_ids    = [aws_security_group.masters-options-flannel-judge-example.id]
  masters_role_arn             = aws_iam_role.masters-options-flannel-judge-example.arn
  masters_role_name            = aws_iam_role.masters-options-flannel-judge-example.name
  node_autoscaling_group_ids   = [aws_autoscaling_group.nodes-us-east-1a-options-flannel-judge-example.id]
  node_security_group_ids      = [aws_security_group.nodes-options-flannel-judge-example.id]
  node_subnet_ids              = [aws_subnet.us-east-1a-options-flannel-judge-example.id]
  nodes_role_arn               = aws_iam_role.nodes-options-flannel-judge-example.arn
  nodes_role_name              = aws_iam_role.nodes-options-flannel-judge-example.name
  region                       = "us-east-1"
  route_table_public_id        = aws_route_table.options-flannel-judge-example.id
  subnet_us-east-1a_id         = aws_subnet.us-east-1a-options-flannel-judge-example.id
  vpc_cidr_block               = aws_vpc.options-flannel-judge-example.cidr_block
  vpc_id                       = aws_vpc.options-flannel-judge-example.id
  vpc_ipv6_cidr_block          = aws_vpc.options-flannel-judge-example.ipv6_cidr_block
  vpc_ipv6_cidr_length         = local.vpc_ipv6_cidr_block == "" ? null : tonumber(regex(".*/(\\d+)", local.vpc_ipv6_cidr_block)[0])
}

output "cluster_name" {
  value = "options-flannel.judge.example"
}

output "master_autoscaling_group_ids" {
  value = [aws_autoscaling_group.control-plane-us-east-1a-masters-options-flannel-judge-example.id]
}

output "master_security_group_ids" {
  value = [aws_security_group.masters-options-flannel-judge-example.id]
}

output "masters_role_arn" {
  value = aws_iam_role.masters-options-flannel-judge-example.arn
}

output "masters_role_name" {
  value = aws_iam_role.masters-options-flannel-judge-example.name
}

output "node_autoscaling_group_ids" {
  value = [aws_autoscaling_group.nodes-us-east-1a-options-flannel-judge-example.id]
}

output "node_security_group_ids" {
  value = [aws_security_group.nodes-options-flannel-judge-example.id]
}

output "node_subnet_ids" {
  value = [aws_subnet.us-east-1a-options-flannel-judge-example.id]
}

output "nodes_role_arn" {
  value = aws_iam_role.nodes-options-flannel-judge-example.arn
}

output "nodes_role_name" {
  value = aws_iam_role.nodes-options-flannel-judge-example.name
}

output "region" {
  value = "us-east-1"
}

output "route_table_public_id" {
  value = aws_route_table.options-flannel-judge-example.id
}

output "subnet_us-east-1a_id" {
  value = aws_subnet.us-east-1a-options-flannel-judge-example.id
}

output "vpc_cidr_block" {
  value = aws_vpc.options-flannel-judge-example.cidr_block
}

output "vpc_id" {
  value = aws_vpc.options-flannel-judge-example.id
}

output "vpc_ipv6_cidr_block" {
  value = aws_vpc.options-flannel-judge-example.ipv6_cidr_block
}

output "vpc_ipv6_cidr_length" {
  value = local.vpc_ipv6_cidr_block == "" ? null : tonumber(regex(".*/(\\d+)", local.vpc_ipv6_cidr_block)[0])
}

provider "aws" {
  region = "us-east-1"
}

provider "aws" {
  alias  = "files"
  region = "us-east-1"
}

resource "aws_autoscaling_group" "control-plane-us-east-1a-masters-options-flannel-judge-example" {
  enabled_metrics = ["GroupDesiredCapacity", "GroupInServiceInstances", "GroupMaxSize", "GroupMinSize", "GroupPendingInstances", "GroupStandbyInstances", "GroupTerminatingInstances", "GroupTotalInstances"]
  launch_template {
    id      = aws_launch_template.control-plane-us-east-1a-masters-options-flannel-judge-example.id
    version = aws_launch_template.control-plane-us-east-1a-masters-options-flannel-judge-example.latest_version
  }
  max_instance_lifetime = 0
  max_size              = 1
  metrics_granularity   = "1Minute"
  min_size              = 1
  name                  = "control-plane-us-east-1a.masters.options-flannel.judge.example"
  protect_from_scale_in = false
  tag {
    key                 = "KubernetesCluster"
    propagate_at_launch = true
    value               = "options-flannel.judge.example"
  }
  tag {
    key                 = "Name"
    propagate_at_launch = true
    value               = "control-plane-us-east-1a.masters.options-flannel.judge.example"
  }
  tag {
    key                 = "aws-node-termination-handler/managed"
    propagate_at_launch = true
    value               = ""
  }
  tag {
    key                 = "k8s.io/cluster-autoscaler/node-template/label/kops.k8s.io/instancegroup"
    propagate_at_launch = true
    value               = "control-plane-us-east-1a"
  }
  tag {
    key                 = "k8s.io/cluster-autoscaler/node-template/label/kops.k8s.io/kops-controller-pki"
    propagate_at_launch = true
    value               = ""
  }
  tag {
    key                 = "k8s.io/cluster-autoscaler/node-template/label/node-role.kubernetes.io/control-plane"
    propagate_at_launch = true
    value               = ""
  }
  tag {
    key                 = "k8s.io/cluster-autoscaler/node-template/label/node.kubernetes.io/exclude-from-external-load-balancers"
    propagate_at_launch = true
    value               = ""
  }
  tag {
    key                 = "k8s.io/role/control-plane"
    propagate_at_launch = true
    value               = "1"
  }
  tag {
    key                 = "k8s.io/role/master"
    propagate_at_launch = true
    value               = "1"
  }
  tag {
    key                 = "kops.k8s.io/instancegroup"
    propagate_at_launch = true
    value               = "control-plane-us-east-1a"
  }
  tag {
    key                 = "kubernetes.io/cluster/options-flannel.judge.example"
    propagate_at_launch = true
    value               = "owned"
  }
  target_group_arns   = [aws_lb_target_group.kops-controller-options-f-rldceg.id, aws_lb_target_group.tcp-options-flannel-judge-vonhn6.id]
  vpc_zone_identifier = [aws_subnet.us-east-1a-options-flannel-judge-example.id]
}

resource "aws_autoscaling_group" "nodes-us-east-1a-options-flannel-judge-example" {
  enabled_metrics = ["GroupDesiredCapacity", "GroupInServiceInstances", "GroupMaxSize", "GroupMinSize", "GroupPendingInstances", "GroupStandbyInstances", "GroupTerminatingInstances", "GroupTotalInstances"]
  launch_template {
    id      = aws_launch_template.nodes-us-east-1a-options-flannel-judge-example.id
    version = aws_launch_template.nodes-us-east-1a-options-flannel-judge-example.latest_version
  }
  max_instance_lifetime = 0
  max_size              = 1
  metrics_granularity   = "1Minute"
  min_size              = 1
  name                  = "nodes-us-east-1a.options-flannel.judge.example"
  protect_from_scale_in = false
  tag {
    key                 = "KubernetesCluster"
    propagate_at_launch = true
    value               = "options-flannel.judge.example"
  }
  tag {
    key                 = "Name"
    propagate_at_launch = true
    value               = "nodes-us-east-1a.options-flannel.judge.example"
  }
  tag {
    key                 = "aws-node-termination-handler/managed"
    propagate_at_launch = true
    value               = ""
  }
  tag {
    key                 = "k8s.io/cluster-autoscaler/node-template/label/kops.k8s.io/instancegroup"
    propagate_at_launch = true
    value               = "nodes-us-east-1a"
  }
  tag {
    key                 = "k8s.io/cluster-autoscaler/node-template/label/node-role.kubernetes.io/node"
    propagate_at_launch = true
    value               = ""
  }
  tag {
    key                 = "k8s.io/role/node"
    propagate_at_launch = true
    value               = "1"
  }
  tag {
    key                 = "kops.k8s.io/instancegroup"
    propagate_at_launch = true
    value               = "nodes-us-east-1a"
  }
  tag {
    key                 = "kubernetes.io/cluster/options-flannel.judge.example"
    propagate_at_launch = true
    value               = "owned"
  }
  vpc_zone_identifier = [aws_subnet.us-east-1a-options-flannel-judge-example.id]
}

resource "aws_autoscaling_lifecycle_hook" "control-plane-us-east-1a-NTHLifecycleHook" {
  autoscaling_group_name = aws_autoscaling_group.control-plane-us-east-1a-masters-options-flannel-judge-example.id
  default_result         = "CONTINUE"
  heartbeat_timeout      = 300
  lifecycle_transition   = "autoscaling:EC2_INSTANCE_TERMINATING"
  name                   = "control-plane-us-east-1a-NTHLifecycleHook"
}

resource "aws_autoscaling_lifecycle_hook" "nodes-us-east-1a-NTHLifecycleHook" {
  autoscaling_group_name = aws_autoscaling_group.nodes-us-east-1a-options-flannel-judge-example.id
  default_result         = "CONTINUE"
  heartbeat_timeout      = 300
  lifecycle_transition   = "autoscaling:EC2_INSTANCE_TERMINATING"
  name                   = "nodes-us-east-1a-NTHLifecycleHook"
}

resource "aws_cloudwatch_event_rule" "options-flannel-judge-example-ASGLifecycle" {
  event_pattern = file("${path.module}/data/aws_cloudwatch_event_rule_options-flannel.judge.example-ASGLifecycle_event_pattern")
  name          = "options-flannel.judge.example-ASGLifecycle"
  tags = {
    "KubernetesCluster"                                   = "options-flannel.judge.example"
    "Name"                                                = "options-flannel.judge.example-ASGLifecycle"
    "kubernetes.io/cluster/options-flannel.judge.example" = "owned"
  }
}

resource "aws_cloudwatch_event_rule" "options-flannel-judge-example-InstanceScheduledChange" {
  event_pattern = file("${path.module}/data/aws_cloudwatch_event_rule_options-flannel.judge.example-InstanceScheduledChange_event_pattern")
  name          = "options-flannel.judge.example-InstanceScheduledChange"
  tags = {
    "KubernetesCluster"                                   = "options-flannel.judge.example"
    "Name"                                                = "options-flannel.judge.example-InstanceScheduledChange"
    "kubernetes.io/cluster/options-flannel.judge.example" = "owned"
  }
}

resource "aws_cloudwatch_event_rule" "options-flannel-judge-example-InstanceStateChange" {
  event_pattern = file("${path.module}/data/aws_cloudwatch_event_rule_options-flannel.judge.example-InstanceStateChange_event_pattern")
  name          = "options-flannel.judge.example-InstanceStateChange"
  tags = {
    "KubernetesCluster"                                   = "options-flannel.judge.example"
    "Name"                                                = "options-flannel.judge.example-InstanceStateChange"
    "kubernetes.io/cluster/options-flannel.judge.example" = "owned"
  }
}

resource "aws_cloudwatch_event_rule" "options-flannel-judge-example-SpotInterruption" {
  event_pattern = file("${path.module}/data/aws_cloudwatch_event_rule_options-flannel.judge.example-SpotInterruption_event_pattern")
  name          = "options-flannel.judge.example-SpotInterruption"
  tags = {
    "KubernetesCluster"                                   = "options-flannel.judge.example"
    "Name"                                                = "options-flannel.judge.example-SpotInterruption"
    "kubernetes.io/cluster/options-flannel.judge.example" = "owned"
  }
}

resource "aws_cloudwatch_event_target" "options-flannel-judge-example-ASGLifecycle-Target" {
  arn  = aws_sqs_queue.options-flannel-judge-example-nth.arn
  rule = aws_cloudwatch_event_rule.options-flannel-judge-example-ASGLifecycle.id
}

resource "aws_cloudwatch_event_target" "options-flannel-judge-example-InstanceScheduledChange-Target" {
  arn  = aws_sqs_queue.options-flannel-judge-example-nth.arn
  rule = aws_cloudwatch_event_rule.options-flannel-judge-example-InstanceScheduledChange.id
}

resource "aws_cloudwatch_event_target" "options-flannel-judge-example-InstanceStateChange-Target" {
  arn  = aws_sqs_queue.options-flannel-judge-example-nth.arn
  rule = aws_cloudwatch_event_rule.options-flannel-judge-example-InstanceStateChange.id
}

resource "aws_cloudwatch_event_target" "options-flannel-judge-example-SpotInterruption-Target" {
  arn  = aws_sqs_queue.options-flannel-judge-example-nth.arn
  rule = aws_cloudwatch_event_rule.options-flannel-judge-example-SpotInterruption.id
}

resource "aws_ebs_volume" "a-etcd-events-options-flannel-judge-example" {
  availability_zone = "us-east-1a"
  encrypted         = true
  iops              = 3000
  size              = 20
  tags = {
    "KubernetesCluster"                                   = "options-flannel.judge.example"
    "Name"                                                = "a.etcd-events.options-flannel.judge.example"
    "k8s.io/etcd/events"                                  = "a/a"
    "k8s.io/role/control-plane"                           = "1"
    "k8s.io/role/master"                                  = "1"
    "kubernetes.io/cluster/options-flannel.judge.example" = "owned"
  }
  throughput = 125
  type       = "gp3"
}

resource "aws_ebs_volume" "a-etcd-main-options-flannel-judge-example" {
  availability_zone = "us-east-1a"
  encrypted         = true
  iops              = 3000
  size              = 20
  tags = {
    "KubernetesCluster"                                   = "options-flannel.judge.example"
    "Name"                                                = "a.etcd-main.options-flannel.judge.example"
    "k8s.io/etcd/main"                                    = "a/a"
    "k8s.io/role/control-plane"                           = "1"
    "k8s.io/role/master"                                  = "1"
    "kubernetes.io/cluster/options-flannel.judge.example" = "owned"
  }
  throughput = 125
  type       = "gp3"
}

resource "aws_iam_instance_profile" "masters-options-flannel-judge-example" {
  name = "masters.options-flannel.judge.example"
  role = aws_iam_role.masters-options-flannel-judge-example.name
  tags = {
    "KubernetesCluster"                                   = "options-flannel.judge.example"
    "Name"                                                = "masters.options-flannel.judge.example"
    "kubernetes.io/cluster/options-flannel.judge.example" = "owned"
  }
}

resource "aws_iam_instance_profile" "nodes-options-flannel-judge-example" {
  name = "nodes.options-flannel.judge.example"
  role = aws_iam_role.nodes-options-flannel-judge-example.name
  tags = {
    "KubernetesCluster"                                   = "options-flannel.judge.example"
    "Name"                                                = "nodes.options-flannel.judge.example"
    "kubernetes.io/cluster/options-flannel.judge.example" = "owned"
  }
}

resource "aws_iam_role" "masters-options-flannel-judge-example" {
  assume_role_policy = file("${path.module}/data/aws_iam_role_masters.options-flannel.judge.example_policy")
  name               = "masters.options-flannel.judge.example"
  tags = {
    "KubernetesCluster"                                   = "options-flannel.judge.example"
    "Name"                                                = "masters.options-flannel.judge.example"
    "kubernetes.io/cluster/options-flannel.judge.example" = "owned"
  }
}

resource "aws_iam_role" "nodes-options-flannel-judge-example" {
  assume_role_policy = file("${path.module}/data/aws_iam_role_nodes.options-flannel.judge.example_policy")
  name               = "nodes.options-flannel.judge.example"
  tags = {
    "KubernetesCluster"                                   = "options-flannel.judge.example"
    "Name"                                                = "nodes.options-flannel.judge.example"
    "kubernetes.io/cluster/options-flannel.judge.example" = "owned"
  }
}

resource "aws_iam_role_policy" "masters-options-flannel-judge-example" {
  name   = "masters.options-flannel.judge.example"
  policy = file("${path.module}/data/aws_iam_role_policy_masters.options-flannel.judge.example_policy")
  role   = aws_iam_role.masters-options-flannel-judge-example.name
}

resource "aws_iam_role_policy" "nodes-options-flannel-judge-example" {
  name   = "nodes.options-flannel.judge.example"
  policy = file("${path.module}/data/aws_iam_role_policy_nodes.options-flannel.judge.example_policy")
  role   = aws_iam_role.nodes-options-flannel-judge-example.name
}

resource "aws_internet_gateway" "options-flannel-judge-example" {
  tags = {
    "KubernetesCluster"                                   = "options-flannel.judge.example"
    "Name"                                                = "options-flannel.judge.example"
    "kubernetes.io/cluster/options-flannel.judge.example" = "owned"
  }
  vpc_id = aws_vpc.options-flannel-judge-example.id
}

resource "aws_key_pair" "kubernetes-options-flannel-judge-example-65962dfce8d5a911640c0fea006e5bbd" {
  key_name   = "kubernetes.options-flannel.judge.example-65:96:2d:fc:e8:d5:a9:11:64:0c:0f:ea:00:6e:5b:bd"
  public_key = file("${path.module}/data/aws_key_pair_kubernetes.options-flannel.judge.example-65962dfce8d5a911640c0fea006e5bbd_public_key")
  tags = {
    "KubernetesCluster"                                   = "options-flannel.judge.example"
    "Name"                                                = "options-flannel.judge.example"
    "kubernetes.io/cluster/options-flannel.judge.example" = "owned"
  }
}

resource "aws_launch_template" "control-plane-us-east-1a-masters-options-flannel-judge-example" {
  block_device_mappings {
    device_name = "/dev/sda1"
    ebs {
      delete_on_termination = true
      encrypted             = true
      iops                  = 3000
      throughput            = 125
      volume_size           = 64
      volume_type           = "gp3"
    }
  }
  iam_instance_profile {
    name = aws_iam_instance_profile.masters-options-flannel-judge-example.id
  }
  image_id      = "ami-0000000000000a001"
  instance_type = "m5.large"
  key_name      = aws_key_pair.kubernetes-options-flannel-judge-example-65962dfce8d5a911640c0fea006e5bbd.id
  lifecycle {
    create_before_destroy = true
  }
  metadata_options {
    http_endpoint               = "enabled"
    http_protocol_ipv6          = "disabled"
    http_put_response_hop_limit = 1
    http_tokens                 = "required"
  }
  monitoring {
    enabled = false
  }
  name = "control-plane-us-east-1a.masters.options-flannel.judge.example"
  network_interfaces {
    associate_public_ip_address = true
    delete_on_termination       = true
    ipv6_address_count          = 0
    security_groups             = [aws_security_group.masters-options-flannel-judge-example.id]
  }
  tag_specifications {
    resource_type = "instance"
    tags = {
      "KubernetesCluster"                                                                                     = "options-flannel.judge.example"
      "Name"                                                                                                  = "control-plane-us-east-1a.masters.options-flannel.judge.example"
      "aws-node-termination-handler/managed"                                                                  = ""
      "k8s.io/cluster-autoscaler/node-template/label/kops.k8s.io/instancegroup"                               = "control-plane-us-east-1a"
      "k8s.io/cluster-autoscaler/node-template/label/kops.k8s.io/kops-controller-pki"                         = ""
      "k8s.io/cluster-autoscaler/node-template/label/node-role.kubernetes.io/control-plane"                   = ""
      "k8s.io/cluster-autoscaler/node-template/label/node.kubernetes.io/exclude-from-external-load-balancers" = ""
      "k8s.io/role/control-plane"                                                                             = "1"
      "k8s.io/role/master"                                                                                    = "1"
      "kops.k8s.io/instancegroup"                                                                             = "control-plane-us-east-1a"
      "kubernetes.io/cluster/options-flannel.judge.example"                                                   = "owned"
    }
  }
  tag_specifications {
    resource_type = "volume"
    tags = {
      "KubernetesCluster"                                                                                     = "options-flannel.judge.example"
      "Name"                                                                                                  = "control-plane-us-east-1a.masters.options-flannel.judge.example"
      "aws-node-termination-handler/managed"                                                                  = ""
      "k8s.io/cluster-autoscaler/node-template/label/kops.k8s.io/instancegroup"                               = "control-plane-us-east-1a"
      "k8s.io/cluster-autoscaler/node-template/label/kops.k8s.io/kops-controller-pki"                         = ""
      "k8s.io/cluster-autoscaler/node-template/label/node-role.kubernetes.io/control-plane"                   = ""
      "k8s.io/cluster-autoscaler/node-template/label/node.kubernetes.io/exclude-from-external-load-balancers" = ""
      "k8s.io/role/control-plane"                                                                             = "1"
      "k8s.io/role/master"                                                                                    = "1"
      "kops.k8s.io/instancegroup"                                                                             = "control-plane-us-east-1a"
      "kubernetes.io/cluster/options-flannel.judge.example"                                                   = "owned"
    }
  }
  tag_specifications {
    resource_type = "network-interface"
    tags = {
      "KubernetesCluster"                                                                                     = "options-flannel.judge.example"
      "Name"                                                                                                  = "control-plane-us-east-1a.masters.options-flannel.judge.example"
      "aws-node-termination-handler/managed"                                                                  = ""
      "k8s.io/cluster-autoscaler/node-template/label/kops.k8s.io/instancegroup"                               = "control-plane-us-east-1a"
      "k8s.io/cluster-autoscaler/node-template/label/kops.k8s.io/kops-controller-pki"                         = ""
      "k8s.io/cluster-autoscaler/node-template/label/node-role.kubernetes.io/control-plane"                   = ""
      "k8s.io/cluster-autoscaler/node-template/label/node.kubernetes.io/exclude-from-external-load-balancers" = ""
      "k8s.io/role/control-plane"                                                                             = "1"
      "k8s.io/role/master"                                                                                    = "1"
      "kops.k8s.io/instancegroup"                                                                             = "control-plane-us-east-1a"
      "kubernetes.io/cluster/options-flannel.judge.example"                                                   = "owned"
    }
  }
  tags = {
    "KubernetesCluster"                                                                                     = "options-flannel.judge.example"
    "Name"                                                                                                  = "control-plane-us-east-1a.masters.options-flannel.judge.example"
    "aws-node-termination-handler/managed"                                                                  = ""
    "k8s.io/cluster-autoscaler/node-template/label/kops.k8s.io/instancegroup"                               = "control-plane-us-east-1a"
    "k8s.io/cluster-autoscaler/node-template/label/kops.k8s.io/kops-controller-pki"                         = ""
    "k8s.io/cluster-autoscaler/node-template/label/node-role.kubernetes.io/control-plane"                   = ""
    "k8s.io/cluster-autoscaler/node-template/label/node.kubernetes.io/exclude-from-external-load-balancers" = ""
    "k8s.io/role/control-plane"                                                                             = "1"
    "k8s.io/role/master"                                                                                    = "1"
    "kops.k8s.io/instancegroup"                                                                             = "control-plane-us-east-1a"
    "kubernetes.io/cluster/options-flannel.judge.example"                                                   = "owned"
  }
  user_data = filebase64("${path.module}/data/aws_launch_template_control-plane-us-east-1a.masters.options-flannel.judge.example_user_data")
}

resource "aws_launch_template" "nodes-us-east-1a-options-flannel-judge-example" {
  block_device_mappings {
    device_name = "/dev/sda1"
    ebs {
      delete_on_termination = true
      encrypted             = true
      iops                  = 3000
      throughput            = 125
      volume_size           = 128
      volume_type           = "gp3"
    }
  }
  iam_instance_profile {
    name = aws_iam_instance_profile.nodes-options-flannel-judge-example.id
  }
  image_id      = "ami-0000000000000a001"
  instance_type = "t3.medium"
  key_name      = aws_key_pair.kubernetes-options-flannel-judge-example-65962dfce8d5a911640c0fea006e5bbd.id
  lifecycle {
    create_before_destroy = true
  }
  metadata_options {
    http_endpoint               = "enabled"
    http_protocol_ipv6          = "disabled"
    http_put_response_hop_limit = 1
    http_tokens                 = "required"
  }
  monitoring {
    enabled = false
  }
  name = "nodes-us-east-1a.options-flannel.judge.example"
  network_interfaces {
    associate_public_ip_address = true
    delete_on_termination       = true
    ipv6_address_count          = 0
    security_groups             = [aws_security_group.nodes-options-flannel-judge-example.id]
  }
  tag_specifications {
    resource_type = "instance"
    tags = {
      "KubernetesCluster"                                                          = "options-flannel.judge.example"
      "Name"                                                                       = "nodes-us-east-1a.options-flannel.judge.example"
      "aws-node-termination-handler/managed"                                       = ""
      "k8s.io/cluster-autoscaler/node-template/label/kops.k8s.io/instancegroup"    = "nodes-us-east-1a"
      "k8s.io/cluster-autoscaler/node-template/label/node-role.kubernetes.io/node" = ""
      "k8s.io/role/node"                                                           = "1"
      "kops.k8s.io/instancegroup"                                                  = "nodes-us-east-1a"
      "kubernetes.io/cluster/options-flannel.judge.example"                        = "owned"
    }
  }
  tag_specifications {
    resource_type = "volume"
    tags = {
      "KubernetesCluster"                                                          = "options-flannel.judge.example"
      "Name"                                                                       = "nodes-us-east-1a.options-flannel.judge.example"
      "aws-node-termination-handler/managed"                                       = ""
      "k8s.io/cluster-autoscaler/node-template/label/kops.k8s.io/instancegroup"    = "nodes-us-east-1a"
      "k8s.io/cluster-autoscaler/node-template/label/node-role.kubernetes.io/node" = ""
      "k8s.io/role/node"                                                           = "1"
      "kops.k8s.io/instancegroup"                                                  = "nodes-us-east-1a"
      "kubernetes.io/cluster/options-flannel.judge.example"                        = "owned"
    }
  }
  tag_specifications {
    resource_type = "network-interface"
    tags = {
      "KubernetesCluster"                                                          = "options-flannel.judge.example"
      "Name"                                                                       = "nodes-us-east-1a.options-flannel.judge.example"
      "aws-node-termination-handler/managed"                                       = ""
      "k8s.io/cluster-autoscaler/node-template/label/kops.k8s.io/instancegroup"    = "nodes-us-east-1a"
      "k8s.io/cluster-autoscaler/node-template/label/node-role.kubernetes.io/node" = ""
      "k8s.io/role/node"                                                           = "1"
      "kops.k8s.io/instancegroup"                                                  = "nodes-us-east-1a"
      "kubernetes.io/cluster/options-flannel.judge.example"                        = "owned"
    }
  }
  tags = {
    "KubernetesCluster"                                                          = "options-flannel.judge.example"
    "Name"                                                                       = "nodes-us-east-1a.options-flannel.judge.example"
    "aws-node-termination-handler/managed"                                       = ""
    "k8s.io/cluster-autoscaler/node-template/label/kops.k8s.io/instancegroup"    = "nodes-us-east-1a"
    "k8s.io/cluster-autoscaler/node-template/label/node-role.kubernetes.io/node" = ""
    "k8s.io/role/node"                                                           = "1"
    "kops.k8s.io/instancegroup"                                                  = "nodes-us-east-1a"
    "kubernetes.io/cluster/options-flannel.judge.example"                        = "owned"
  }
  user_data = filebase64("${path.module}/data/aws_launch_template_nodes-us-east-1a.options-flannel.judge.example_user_data")
}

resource "aws_lb" "api-options-flannel-judge-example" {
  enable_cross_zone_load_balancing = true
  internal                         = false
  load_balancer_type               = "network"
  name                             = "api-options-flannel-judge-vmusjj"
  security_groups                  = [aws_security_group.api-elb-options-flannel-judge-example.id]
  subnet_mapping {
    subnet_id = aws_subnet.us-east-1a-options-flannel-judge-example.id
  }
  tags = {
    "KubernetesCluster"                                   = "options-flannel.judge.example"
    "Name"                                                = "api.options-flannel.judge.example"
    "kubernetes.io/cluster/options-flannel.judge.example" = "owned"
  }
}

resource "aws_lb_listener" "api-options-flannel-judge-example-3988" {
  default_action {
    target_group_arn = aws_lb_target_group.kops-controller-options-f-rldceg.id
    type             = "forward"
  }
  load_balancer_arn = aws_lb.api-options-flannel-judge-example.id
  port              = 3988
  protocol          = "TCP"
}

resource "aws_lb_listener" "api-options-flannel-judge-example-443" {
  default_action {
    target_group_arn = aws_lb_target_group.tcp-options-flannel-judge-vonhn6.id
    type             = "forward"
  }
  load_balancer_arn = aws_lb.api-options-flannel-judge-example.id
  port              = 443
  protocol          = "TCP"
}

resource "aws_lb_target_group" "kops-controller-options-f-rldceg" {
  connection_termination = "true"
  deregistration_delay   = "30"
  health_check {
    healthy_threshold   = 2
    interval            = 10
    path                = "/healthz"
    protocol            = "HTTPS"
    unhealthy_threshold = 2
  }
  name     = "kops-controller-options-f-rldceg"
  port     = 3988
  protocol = "TCP"
  tags = {
    "KubernetesCluster"                                   = "options-flannel.judge.example"
    "Name"                                                = "kops-controller-options-f-rldceg"
    "kubernetes.io/cluster/options-flannel.judge.example" = "owned"
  }
  vpc_id = aws_vpc.options-flannel-judge-example.id
}

resource "aws_lb_target_group" "tcp-options-flannel-judge-vonhn6" {
  connection_termination = "true"
  deregistration_delay   = "30"
  health_check {
    healthy_threshold   = 2
    interval            = 10
    protocol            = "TCP"
    unhealthy_threshold = 2
  }
  name     = "tcp-options-flannel-judge-vonhn6"
  port     = 443
  protocol = "TCP"
  tags = {
    "KubernetesCluster"                                   = "options-flannel.judge.example"
    "Name"                                                = "tcp-options-flannel-judge-vonhn6"
    "kubernetes.io/cluster/options-flannel.judge.example" = "owned"
  }
  vpc_id = aws_vpc.options-flannel-judge-example.id
}

resource "aws_route" "route-0-0-0-0--0" {
  destination_cidr_block = "0.0.0.0/0"
  gateway_id             = aws_internet_gateway.options-flannel-judge-example.id
  route_table_id         = aws_route_table.options-flannel-judge-example.id
}

resource "aws_route" "route-__--0" {
  destination_ipv6_cidr_block = "::/0"
  gateway_id                  = aws_internet_gateway.options-flannel-judge-example.id
  route_table_id              = aws_route_table.options-flannel-judge-example.id
}

resource "aws_route_table" "options-flannel-judge-example" {
  tags = {
    "KubernetesCluster"                                   = "options-flannel.judge.example"
    "Name"                                                = "options-flannel.judge.example"
    "kubernetes.io/cluster/options-flannel.judge.example" = "owned"
    "kubernetes.io/kops/role"                             = "public"
  }
  vpc_id = aws_vpc.options-flannel-judge-example.id
}

resource "aws_route_table_association" "us-east-1a-options-flannel-judge-example" {
  route_table_id = aws_route_table.options-flannel-judge-example.id
  subnet_id      = aws_subnet.us-east-1a-options-flannel-judge-example.id
}

resource "aws_s3_object" "cluster-completed-spec" {
  bucket                 = "judge-state"
  content                = file("${path.module}/data/aws_s3_object_cluster-completed.spec_content")
  key                    = "options-flannel.judge.example/cluster-completed.spec"
  provider               = aws.files
  server_side_encryption = "AES256"
}

resource "aws_s3_object" "etcd-cluster-spec-events" {
  bucket                 = "judge-state"
  content                = file("${path.module}/data/aws_s3_object_etcd-cluster-spec-events_content")
  key                    = "options-flannel.judge.example/backups/etcd/events/control/etcd-cluster-spec"
  provider               = aws.files
  server_side_encryption = "AES256"
}

resource "aws_s3_object" "etcd-cluster-spec-main" {
  bucket                 = "judge-state"
  content                = file("${path.module}/data/aws_s3_object_etcd-cluster-spec-main_content")
  key                    = "options-flannel.judge.example/backups/etcd/main/control/etcd-cluster-spec"
  provider               = aws.files
  server_side_encryption = "AES256"
}

resource "aws_s3_object" "kops-version-txt" {
  bucket                 = "judge-state"
  content                = file("${path.module}/data/aws_s3_object_kops-version.txt_content")
  key                    = "options-flannel.judge.example/kops-version.txt"
  provider               = aws.files
  server_side_encryption = "AES256"
}

resource "aws_s3_object" "manifests-channels-kops-channels" {
  bucket                 = "judge-state"
  content                = file("${path.module}/data/aws_s3_object_manifests-channels-kops-channels_content")
  key                    = "options-flannel.judge.example/manifests/channels/kops-channels.yaml"
  provider               = aws.files
  server_side_encryption = "AES256"
}

resource "aws_s3_object" "manifests-etcdmanager-events-control-plane-us-east-1a" {
  bucket                 = "judge-state"
  content                = file("${path.module}/data/aws_s3_object_manifests-etcdmanager-events-control-plane-us-east-1a_content")
  key                    = "options-flannel.judge.example/manifests/etcd/events-control-plane-us-east-1a.yaml"
  provider               = aws.files
  server_side_encryption = "AES256"
}

resource "aws_s3_object" "manifests-etcdmanager-main-control-plane-us-east-1a" {
  bucket                 = "judge-state"
  content                = file("${path.module}/data/aws_s3_object_manifests-etcdmanager-main-control-plane-us-east-1a_content")
  key                    = "options-flannel.judge.example/manifests/etcd/main-control-plane-us-east-1a.yaml"
  provider               = aws.files
  server_side_encryption = "AES256"
}

resource "aws_s3_object" "manifests-static-kube-apiserver-healthcheck" {
  bucket                 = "judge-state"
  content                = file("${path.module}/data/aws_s3_object_manifests-static-kube-apiserver-healthcheck_content")
  key                    = "options-flannel.judge.example/manifests/static/kube-apiserver-healthcheck.yaml"
  provider               = aws.files
  server_side_encryption = "AES256"
}

resource "aws_s3_object" "nodeupconfig-control-plane-us-east-1a" {
  bucket                 = "judge-state"
  content                = file("${path.module}/data/aws_s3_object_nodeupconfig-control-plane-us-east-1a_content")
  key                    = "options-flannel.judge.example/igconfig/control-plane/control-plane-us-east-1a/nodeupconfig.yaml"
  provider               = aws.files
  server_side_encryption = "AES256"
}

resource "aws_s3_object" "nodeupconfig-nodes-us-east-1a" {
  bucket                 = "judge-state"
  content                = file("${path.module}/data/aws_s3_object_nodeupconfig-nodes-us-east-1a_content")
  key                    = "options-flannel.judge.example/igconfig/node/nodes-us-east-1a/nodeupconfig.yaml"
  provider               = aws.files
  server_side_encryption = "AES256"
}

resource "aws_s3_object" "options-flannel-judge-example-addons-aws-cloud-controller-addons-k8s-io-k8s-1-18" {
  bucket                 = "judge-state"
  content                = file("${path.module}/data/aws_s3_object_options-flannel.judge.example-addons-aws-cloud-controller.addons.k8s.io-k8s-1.18_content")
  key                    = "options-flannel.judge.example/addons/aws-cloud-controller.addons.k8s.io/k8s-1.18.yaml"
  provider               = aws.files
  server_side_encryption = "AES256"
}

resource "aws_s3_object" "options-flannel-judge-example-addons-aws-ebs-csi-driver-addons-k8s-io-k8s-1-17" {
  bucket                 = "judge-state"
  content                = file("${path.module}/data/aws_s3_object_options-flannel.judge.example-addons-aws-ebs-csi-driver.addons.k8s.io-k8s-1.17_content")
  key                    = "options-flannel.judge.example/addons/aws-ebs-csi-driver.addons.k8s.io/k8s-1.17.yaml"
  provider               = aws.files
  server_side_encryption = "AES256"
}

resource "aws_s3_object" "options-flannel-judge-example-addons-bootstrap" {
  bucket                 = "judge-state"
  content                = file("${path.module}/data/aws_s3_object_options-flannel.judge.example-addons-bootstrap_content")
  key                    = "options-flannel.judge.example/addons/bootstrap-channel.yaml"
  provider               = aws.files
  server_side_encryption = "AES256"
}

resource "aws_s3_object" "options-flannel-judge-example-addons-coredns-addons-k8s-io-k8s-1-12" {
  bucket                 = "judge-state"
  content                = file("${path.module}/data/aws_s3_object_options-flannel.judge.example-addons-coredns.addons.k8s.io-k8s-1.12_content")
  key                    = "options-flannel.judge.example/addons/coredns.addons.k8s.io/k8s-1.12.yaml"
  provider               = aws.files
  server_side_encryption = "AES256"
}

resource "aws_s3_object" "options-flannel-judge-example-addons-dns-controller-addons-k8s-io-k8s-1-12" {
  bucket                 = "judge-state"
  content                = file("${path.module}/data/aws_s3_object_options-flannel.judge.example-addons-dns-controller.addons.k8s.io-k8s-1.12_content")
  key                    = "options-flannel.judge.example/addons/dns-controller.addons.k8s.io/k8s-1.12.yaml"
  provider               = aws.files
  server_side_encryption = "AES256"
}

resource "aws_s3_object" "options-flannel-judge-example-addons-kops-controller-addons-k8s-io-k8s-1-16" {
  bucket                 = "judge-state"
  content                = file("${path.module}/data/aws_s3_object_options-flannel.judge.example-addons-kops-controller.addons.k8s.io-k8s-1.16_content")
  key                    = "options-flannel.judge.example/addons/kops-controller.addons.k8s.io/k8s-1.16.yaml"
  provider               = aws.files
  server_side_encryption = "AES256"
}

resource "aws_s3_object" "options-flannel-judge-example-addons-kubelet-api-rbac-addons-k8s-io-k8s-1-9" {
  bucket                 = "judge-state"
  content                = file("${path.module}/data/aws_s3_object_options-flannel.judge.example-addons-kubelet-api.rbac.addons.k8s.io-k8s-1.9_content")
  key                    = "options-flannel.judge.example/addons/kubelet-api.rbac.addons.k8s.io/k8s-1.9.yaml"
  provider               = aws.files
  server_side_encryption = "AES256"
}

resource "aws_s3_object" "options-flannel-judge-example-addons-limit-range-addons-k8s-io" {
  bucket                 = "judge-state"
  content                = file("${path.module}/data/aws_s3_object_options-flannel.judge.example-addons-limit-range.addons.k8s.io_content")
  key                    = "options-flannel.judge.example/addons/limit-range.addons.k8s.io/v1.5.0.yaml"
  provider               = aws.files
  server_side_encryption = "AES256"
}

resource "aws_s3_object" "options-flannel-judge-example-addons-networking-flannel-k8s-1-25" {
  bucket                 = "judge-state"
  content                = file("${path.module}/data/aws_s3_object_options-flannel.judge.example-addons-networking.flannel-k8s-1.25_content")
  key                    = "options-flannel.judge.example/addons/networking.flannel/k8s-1.25.yaml"
  provider               = aws.files
  server_side_encryption = "AES256"
}

resource "aws_s3_object" "options-flannel-judge-example-addons-node-termination-handler-aws-k8s-1-11" {
  bucket                 = "judge-state"
  content                = file("${path.module}/data/aws_s3_object_options-flannel.judge.example-addons-node-termination-handler.aws-k8s-1.11_content")
  key                    = "options-flannel.judge.example/addons/node-termination-handler.aws/k8s-1.11.yaml"
  provider               = aws.files
  server_side_encryption = "AES256"
}

resource "aws_s3_object" "options-flannel-judge-example-addons-storage-aws-addons-k8s-io-v1-15-0" {
  bucket                 = "judge-state"
  content                = file("${path.module}/data/aws_s3_object_options-flannel.judge.example-addons-storage-aws.addons.k8s.io-v1.15.0_content")
  key                    = "options-flannel.judge.example/addons/storage-aws.addons.k8s.io/v1.15.0.yaml"
  provider               = aws.files
  server_side_encryption = "AES256"
}

resource "aws_security_group" "api-elb-options-flannel-judge-example" {
  description = "Security group for api ELB"
  name        = "api-elb.options-flannel.judge.example"
  tags = {
    "KubernetesCluster"                                   = "options-flannel.judge.example"
    "Name"                                                = "api-elb.options-flannel.judge.example"
    "kubernetes.io/cluster/options-flannel.judge.example" = "owned"
  }
  vpc_id = aws_vpc.options-flannel-judge-example.id
}

resource "aws_security_group" "masters-options-flannel-judge-example" {
  description = "Security group for masters"
  name        = "masters.options-flannel.judge.example"
  tags = {
    "KubernetesCluster"                                   = "options-flannel.judge.example"
    "Name"                                                = "masters.options-flannel.judge.example"
    "kubernetes.io/cluster/options-flannel.judge.example" = "owned"
  }
  vpc_id = aws_vpc.options-flannel-judge-example.id
}

resource "aws_security_group" "nodes-options-flannel-judge-example" {
  description = "Security group for nodes"
  name        = "nodes.options-flannel.judge.example"
  tags = {
    "KubernetesCluster"                                   = "options-flannel.judge.example"
    "Name"                                                = "nodes.options-flannel.judge.example"
    "kubernetes.io/cluster/options-flannel.judge.example" = "owned"
  }
  vpc_id = aws_vpc.options-flannel-judge-example.id
}

resource "aws_security_group_rule" "from-0-0-0-0--0-ingress-tcp-22to22-masters-options-flannel-judge-example" {
  cidr_blocks       = ["0.0.0.0/0"]
  from_port         = 22
  protocol          = "tcp"
  security_group_id = aws_security_group.masters-options-flannel-judge-example.id
  to_port           = 22
  type              = "ingress"
}

resource "aws_security_group_rule" "from-0-0-0-0--0-ingress-tcp-22to22-nodes-options-flannel-judge-example" {
  cidr_blocks       = ["0.0.0.0/0"]
  from_port         = 22
  protocol          = "tcp"
  security_group_id = aws_security_group.nodes-options-flannel-judge-example.id
  to_port           = 22
  type              = "ingress"
}

resource "aws_security_group_rule" "from-0-0-0-0--0-ingress-tcp-443to443-api-elb-options-flannel-judge-example" {
  cidr_blocks       = ["0.0.0.0/0"]
  from_port         = 443
  protocol          = "tcp"
  security_group_id = aws_security_group.api-elb-options-flannel-judge-example.id
  to_port           = 443
  type              = "ingress"
}

resource "aws_security_group_rule" "from-__--0-ingress-tcp-22to22-masters-options-flannel-judge-example" {
  from_port         = 22
  ipv6_cidr_blocks  = ["::/0"]
  protocol          = "tcp"
  security_group_id = aws_security_group.masters-options-flannel-judge-example.id
  to_port           = 22
  type              = "ingress"
}

resource "aws_security_group_rule" "from-__--0-ingress-tcp-22to22-nodes-options-flannel-judge-example" {
  from_port         = 22
  ipv6_cidr_blocks  = ["::/0"]
  protocol          = "tcp"
  security_group_id = aws_security_group.nodes-options-flannel-judge-example.id
  to_port           = 22
  type              = "ingress"
}

resource "aws_security_group_rule" "from-__--0-ingress-tcp-443to443-api-elb-options-flannel-judge-example" {
  from_port         = 443
  ipv6_cidr_blocks  = ["::/0"]
  protocol          = "tcp"
  security_group_id = aws_security_group.api-elb-options-flannel-judge-example.id
  to_port           = 443
  type              = "ingress"
}

resource "aws_security_group_rule" "from-api-elb-options-flannel-judge-example-egress-all-0to0-0-0-0-0--0" {
  cidr_blocks       = ["0.0.0.0/0"]
  from_port         = 0
  protocol          = "-1"
  security_group_id = aws_security_group.api-elb-options-flannel-judge-example.id
  to_port           = 0
  type              = "egress"
}

resource "aws_security_group_rule" "from-api-elb-options-flannel-judge-example-egress-all-0to0-__--0" {
  from_port         = 0
  ipv6_cidr_blocks  = ["::/0"]
  protocol          = "-1"
  security_group_id = aws_security_group.api-elb-options-flannel-judge-example.id
  to_port           = 0
  type              = "egress"
}

resource "aws_security_group_rule" "from-masters-options-flannel-judge-example-egress-all-0to0-0-0-0-0--0" {
  cidr_blocks       = ["0.0.0.0/0"]
  from_port         = 0
  protocol          = "-1"
  security_group_id = aws_security_group.masters-options-flannel-judge-example.id
  to_port           = 0
  type              = "egress"
}

resource "aws_security_group_rule" "from-masters-options-flannel-judge-example-egress-all-0to0-__--0" {
  from_port         = 0
  ipv6_cidr_blocks  = ["::/0"]
  protocol          = "-1"
  security_group_id = aws_security_group.masters-options-flannel-judge-example.id
  to_port           = 0
  type              = "egress"
}

resource "aws_security_group_rule" "from-masters-options-flannel-judge-example-ingress-all-0to0-masters-options-flannel-judge-example" {
  from_port                = 0
  protocol                 = "-1"
  security_group_id        = aws_security_group.masters-options-flannel-judge-example.id
  source_security_group_id = aws_security_group.masters-options-flannel-judge-example.id
  to_port                  = 0
  type                     = "ingress"
}

resource "aws_security_group_rule" "from-masters-options-flannel-judge-example-ingress-all-0to0-nodes-options-flannel-judge-example" {
  from_port                = 0
  protocol                 = "-1"
  security_group_id        = aws_security_group.nodes-options-flannel-judge-example.id
  source_security_group_id = aws_security_group.masters-options-flannel-judge-example.id
  to_port                  = 0
  type                     = "ingress"
}

resource "aws_security_group_rule" "from-nodes-options-flannel-judge-example-egress-all-0to0-0-0-0-0--0" {
  cidr_blocks       = ["0.0.0.0/0"]
  from_port         = 0
  protocol          = "-1"
  security_group_id = aws_security_group.nodes-options-flannel-judge-example.id
  to_port           = 0
  type              = "egress"
}

resource "aws_security_group_rule" "from-nodes-options-flannel-judge-example-egress-all-0to0-__--0" {
  from_port         = 0
  ipv6_cidr_blocks  = ["::/0"]
  protocol          = "-1"
  security_group_id = aws_security_group.nodes-options-flannel-judge-example.id
  to_port           = 0
  type              = "egress"
}

resource "aws_security_group_rule" "from-nodes-options-flannel-judge-example-ingress-all-0to0-nodes-options-flannel-judge-example" {
  from_port                = 0
  protocol                 = "-1"
  security_group_id        = aws_security_group.nodes-options-flannel-judge-example.id
  source_security_group_id = aws_security_group.nodes-options-flannel-judge-example.id
  to_port                  = 0
  type                     = "ingress"
}

resource "aws_security_group_rule" "from-nodes-options-flannel-judge-example-ingress-tcp-1to2379-masters-options-flannel-judge-example" {
  from_port                = 1
  protocol                 = "tcp"
  security_group_id        = aws_security_group.masters-options-flannel-judge-example.id
  source_security_group_id = aws_security_group.nodes-options-flannel-judge-example.id
  to_port                  = 2379
  type                     = "ingress"
}

resource "aws_security_group_rule" "from-nodes-options-flannel-judge-example-ingress-tcp-2382to4000-masters-options-flannel-judge-example" {
  from_port                = 2382
  protocol                 = "tcp"
  security_group_id        = aws_security_group.masters-options-flannel-judge-example.id
  source_security_group_id = aws_security_group.nodes-options-flannel-judge-example.id
  to_port                  = 4000
  type                     = "ingress"
}

resource "aws_security_group_rule" "from-nodes-options-flannel-judge-example-ingress-tcp-4003to65535-masters-options-flannel-judge-example" {
  from_port                = 4003
  protocol                 = "tcp"
  security_group_id        = aws_security_group.masters-options-flannel-judge-example.id
  source_security_group_id = aws_security_group.nodes-options-flannel-judge-example.id
  to_port                  = 65535
  type                     = "ingress"
}

resource "aws_security_group_rule" "from-nodes-options-flannel-judge-example-ingress-udp-1to65535-masters-options-flannel-judge-example" {
  from_port                = 1
  protocol                 = "udp"
  security_group_id        = aws_security_group.masters-options-flannel-judge-example.id
  source_security_group_id = aws_security_group.nodes-options-flannel-judge-example.id
  to_port                  = 65535
  type                     = "ingress"
}

resource "aws_security_group_rule" "https-elb-to-master" {
  from_port                = 443
  protocol                 = "tcp"
  security_group_id        = aws_security_group.masters-options-flannel-judge-example.id
  source_security_group_id = aws_security_group.api-elb-options-flannel-judge-example.id
  to_port                  = 443
  type                     = "ingress"
}

resource "aws_security_group_rule" "icmp-pmtu-api-elb-0-0-0-0--0" {
  cidr_blocks       = ["0.0.0.0/0"]
  from_port         = 3
  protocol          = "icmp"
  security_group_id = aws_security_group.api-elb-options-flannel-judge-example.id
  to_port           = 4
  type              = "ingress"
}

resource "aws_security_group_rule" "icmp-pmtu-cp-to-elb" {
  from_port                = 3
  protocol                 = "icmp"
  security_group_id        = aws_security_group.api-elb-options-flannel-judge-example.id
  source_security_group_id = aws_security_group.masters-options-flannel-judge-example.id
  to_port                  = 4
  type                     = "ingress"
}

resource "aws_security_group_rule" "icmp-pmtu-elb-to-cp" {
  from_port                = 3
  protocol                 = "icmp"
  security_group_id        = aws_security_group.masters-options-flannel-judge-example.id
  source_security_group_id = aws_security_group.api-elb-options-flannel-judge-example.id
  to_port                  = 4
  type                     = "ingress"
}

resource "aws_security_group_rule" "icmpv6-pmtu-api-elb-__--0" {
  from_port         = -1
  ipv6_cidr_blocks  = ["::/0"]
  protocol          = "icmpv6"
  security_group_id = aws_security_group.api-elb-options-flannel-judge-example.id
  to_port           = -1
  type              = "ingress"
}

resource "aws_security_group_rule" "kops-controller-elb-to-cp" {
  from_port                = 3988
  protocol                 = "tcp"
  security_group_id        = aws_security_group.masters-options-flannel-judge-example.id
  source_security_group_id = aws_security_group.api-elb-options-flannel-judge-example.id
  to_port                  = 3988
  type                     = "ingress"
}

resource "aws_security_group_rule" "node-to-elb" {
  from_port                = 0
  protocol                 = "-1"
  security_group_id        = aws_security_group.api-elb-options-flannel-judge-example.id
  source_security_group_id = aws_security_group.nodes-options-flannel-judge-example.id
  to_port                  = 0
  type                     = "ingress"
}

resource "aws_sqs_queue" "options-flannel-judge-example-nth" {
  message_retention_seconds = 300
  name                      = "options-flannel-judge-example-nth"
  policy                    = file("${path.module}/data/aws_sqs_queue_options-flannel-judge-example-nth_policy")
  tags = {
    "KubernetesCluster"                                   = "options-flannel.judge.example"
    "Name"                                                = "options-flannel-judge-example-nth"
    "kubernetes.io/cluster/options-flannel.judge.example" = "owned"
  }
}

resource "aws_subnet" "us-east-1a-options-flannel-judge-example" {
  availability_zone                           = "us-east-1a"
  cidr_block                                  = "172.20.0.0/16"
  enable_resource_name_dns_a_record_on_launch = true
  private_dns_hostname_type_on_launch         = "resource-name"
  tags = {
    "KubernetesCluster"                                   = "options-flannel.judge.example"
    "Name"                                                = "us-east-1a.options-flannel.judge.example"
    "SubnetType"                                          = "Public"
    "kubernetes.io/cluster/options-flannel.judge.example" = "owned"
    "kubernetes.io/role/elb"                              = "1"
    "kubernetes.io/role/internal-elb"                     = "1"
  }
  vpc_id = aws_vpc.options-flannel-judge-example.id
}

resource "aws_vpc" "options-flannel-judge-example" {
  assign_generated_ipv6_cidr_block = true
  cidr_block                       = "172.20.0.0/16"
  enable_dns_hostnames             = true
  enable_dns_support               = true
  tags = {
    "KubernetesCluster"                                   = "options-flannel.judge.example"
    "Name"                                                = "options-flannel.judge.example"
    "kubernetes.io/cluster/options-flannel.judge.example" = "owned"
  }
}

resource "aws_vpc_dhcp_options" "options-flannel-judge-example" {
  domain_name         = "ec2.internal"
  domain_name_servers = ["AmazonProvidedDNS"]
  tags = {
    "KubernetesCluster"                                   = "options-flannel.judge.example"
    "Name"                                                = "options-flannel.judge.example"
    "kubernetes.io/cluster/options-flannel.judge.example" = "owned"
  }
}

resource "aws_vpc_dhcp_options_association" "options-flannel-judge-example" {
  dhcp_options_id = aws_vpc_dhcp_options.options-flannel-judge-example.id
  vpc_id          = aws_vpc.options-flannel-judge-example.id
}

terraform {
  required_version = ">= 0.15.0"
  required_providers {
    aws = {
      "configuration_aliases" = [aws.files]
      "source"                = "hashicorp/aws"
      "version"               = ">= 5.0.0"
    }
  }
}
