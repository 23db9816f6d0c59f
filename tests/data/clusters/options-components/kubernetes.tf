locals {
  cluster_name                 = "options-components.judge.example"
  master_autoscaling_group_ids = [aws_autoscaling_group.control-plane-us-east-1a-masters-options-components-judge-example.id]
  master_security_group_ids    = [aws_security_group.masters-options-components-judge-example.id]
  masters_role_arn             = aws_iam_role.masters-options-components-judge-example.arn
  masters_role_name            = aws_iam_role.masters-options-components-judge-example.name
  node_autoscaling_group_ids   = [aws_autoscaling_group.nodes-us-east-1a-options-components-judge-example.id]
  node_security_group_ids      = [aws_security_group.nodes-options-components-judge-example.id]
  node_subnet_ids              = [aws_subnet.us-east-1a-options-components-judge-example.id]
  nodes_role_arn               = aws_iam_role.nodes-options-components-judge-example.arn
  nodes_role_name              = aws_iam_role.nodes-options-components-judge-example.name
  region                       = "us-east-1"
  route_table_public_id        = aws_route_table.options-components-judge-example.id
  subnet_us-east-1a_id         = aws_subnet.us-east-1a-options-components-judge-example.id
  vpc_cidr_block               = aws_vpc.options-components-judge-example.cidr_block
  vpc_id                       = aws_vpc.options-components-judge-example.id
  vpc_ipv6_cidr_block          = aws_vpc.options-components-judge-example.ipv6_cidr_block
  vpc_ipv6_cidr_length         = local.vpc_ipv6_cidr_block == "" ? null : tonumber(regex(".*/(\\d+)", local.vpc_ipv6_cidr_block)[0])
}

output "cluster_name" {
  value = "options-components.judge.example"
}

output "master_autoscaling_group_ids" {
  value = [aws_autoscaling_group.control-plane-us-east-1a-masters-options-components-judge-example.id]
}

output "master_security_group_ids" {
  value = [aws_security_group.masters-options-components-judge-example.id]
}

output "masters_role_arn" {
  value = aws_iam_role.masters-options-components-judge-example.arn
}

output "masters_role_name" {
  value = aws_iam_role.masters-options-components-judge-example.name
}

output "node_autoscaling_group_ids" {
  value = [aws_autoscaling_group.nodes-us-east-1a-options-components-judge-example.id]
}

output "node_security_group_ids" {
  value = [aws_security_group.nodes-options-components-judge-example.id]
}

output "node_subnet_ids" {
  value = [aws_subnet.us-east-1a-options-components-judge-example.id]
}

output "nodes_role_arn" {
  value = aws_iam_role.nodes-options-components-judge-example.arn
}

output "nodes_role_name" {
  value = aws_iam_role.nodes-options-components-judge-example.name
}

output "region" {
  value = "us-east-1"
}

output "route_table_public_id" {
  value = aws_route_table.options-components-judge-example.id
}

output "subnet_us-east-1a_id" {
  value = aws_subnet.us-east-1a-options-components-judge-example.id
}

output "vpc_cidr_block" {
  value = aws_vpc.options-components-judge-example.cidr_block
}

output "vpc_id" {
  value = aws_vpc.options-components-judge-example.id
}

output "vpc_ipv6_cidr_block" {
  value = aws_vpc.options-components-judge-example.ipv6_cidr_block
}

output "vpc_ipv6_cidr_length" {
  value = local.vpc_ipv6_cidr_block == "" ? null : tonumber(regex(".*/(\\d+)", local.vpc_ipv6_cidr_block)[0])
}

provider "aws" {
  alias  = "main"
  region = "us-east-1"
}

provider "aws" {
  alias  = "files"
  region = "us-east-1"
}

resource "aws_autoscaling_group" "control-plane-us-east-1a-masters-options-components-judge-example" {
  enabled_metrics = ["GroupDesiredCapacity", "GroupInServiceInstances", "GroupMaxSize", "GroupMinSize", "GroupPendingInstances", "GroupStandbyInstances", "GroupTerminatingInstances", "GroupTotalInstances"]
  launch_template {
    id      = aws_launch_template.control-plane-us-east-1a-masters-options-components-judge-example.id
    version = aws_launch_template.control-plane-us-east-1a-masters-options-components-judge-example.latest_version
  }
  max_instance_lifetime = 0
  max_size              = 1
  metrics_granularity   = "1Minute"
  min_size              = 1
  name                  = "control-plane-us-east-1a.masters.options-components.judge.example"
  protect_from_scale_in = false
  tag {
    key                 = "KubernetesCluster"
    propagate_at_launch = true
    value               = "options-components.judge.example"
  }
  tag {
    key                 = "Name"
    propagate_at_launch = true
    value               = "control-plane-us-east-1a.masters.options-components.judge.example"
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
    key                 = "k8s.io/cluster-autoscaler/node-template/label/tier"
    propagate_at_launch = true
    value               = "plane"
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
    key                 = "kubernetes.io/cluster/options-components.judge.example"
    propagate_at_launch = true
    value               = "owned"
  }
  vpc_zone_identifier = [aws_subnet.us-east-1a-options-components-judge-example.id]
}

resource "aws_autoscaling_group" "nodes-us-east-1a-options-components-judge-example" {
  enabled_metrics = ["GroupDesiredCapacity", "GroupInServiceInstances", "GroupMaxSize", "GroupMinSize", "GroupPendingInstances", "GroupStandbyInstances", "GroupTerminatingInstances", "GroupTotalInstances"]
  launch_template {
    id      = aws_launch_template.nodes-us-east-1a-options-components-judge-example.id
    version = aws_launch_template.nodes-us-east-1a-options-components-judge-example.latest_version
  }
  max_instance_lifetime = 0
  max_size              = 1
  metrics_granularity   = "1Minute"
  min_size              = 1
  name                  = "nodes-us-east-1a.options-components.judge.example"
  protect_from_scale_in = false
  tag {
    key                 = "KubernetesCluster"
    propagate_at_launch = true
    value               = "options-components.judge.example"
  }
  tag {
    key                 = "Name"
    propagate_at_launch = true
    value               = "nodes-us-east-1a.options-components.judge.example"
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
    key                 = "k8s.io/cluster-autoscaler/node-template/label/tier"
    propagate_at_launch = true
    value               = "all"
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
    key                 = "kubernetes.io/cluster/options-components.judge.example"
    propagate_at_launch = true
    value               = "owned"
  }
  vpc_zone_identifier = [aws_subnet.us-east-1a-options-components-judge-example.id]
}

resource "aws_autoscaling_lifecycle_hook" "control-plane-us-east-1a-NTHLifecycleHook" {
  autoscaling_group_name = aws_autoscaling_group.control-plane-us-east-1a-masters-options-components-judge-example.id
  default_result         = "CONTINUE"
  heartbeat_timeout      = 300
  lifecycle_transition   = "autoscaling:EC2_INSTANCE_TERMINATING"
  name                   = "control-plane-us-east-1a-NTHLifecycleHook"
}

resource "aws_autoscaling_lifecycle_hook" "nodes-us-east-1a-NTHLifecycleHook" {
  autoscaling_group_name = aws_autoscaling_group.nodes-us-east-1a-options-components-judge-example.id
  default_result         = "CONTINUE"
  heartbeat_timeout      = 300
  lifecycle_transition   = "autoscaling:EC2_INSTANCE_TERMINATING"
  name                   = "nodes-us-east-1a-NTHLifecycleHook"
}

resource "aws_cloudwatch_event_rule" "options-components-judge-example-ASGLifecycle" {
  event_pattern = file("${path.module}/data/aws_cloudwatch_event_rule_options-components.judge.example-ASGLifecycle_event_pattern")
  name          = "options-components.judge.example-ASGLifecycle"
  tags = {
    "KubernetesCluster"                                      = "options-components.judge.example"
    "Name"                                                   = "options-components.judge.example-ASGLifecycle"
    "kubernetes.io/cluster/options-components.judge.example" = "owned"
  }
}

resource "aws_cloudwatch_event_rule" "options-components-judge-example-InstanceScheduledChange" {
  event_pattern = file("${path.module}/data/aws_cloudwatch_event_rule_options-components.judge.example-InstanceScheduledChange_event_pattern")
  name          = "options-components.judge.example-InstanceScheduledChange"
  tags = {
    "KubernetesCluster"                                      = "options-components.judge.example"
    "Name"                                                   = "options-components.judge.example-InstanceScheduledChange"
    "kubernetes.io/cluster/options-components.judge.example" = "owned"
  }
}

resource "aws_cloudwatch_event_rule" "options-components-judge-example-InstanceStateChange" {
  event_pattern = file("${path.module}/data/aws_cloudwatch_event_rule_options-components.judge.example-InstanceStateChange_event_pattern")
  name          = "options-components.judge.example-InstanceStateChange"
  tags = {
    "KubernetesCluster"                                      = "options-components.judge.example"
    "Name"                                                   = "options-components.judge.example-InstanceStateChange"
    "kubernetes.io/cluster/options-components.judge.example" = "owned"
  }
}

resource "aws_cloudwatch_event_rule" "options-components-judge-example-SpotInterruption" {
  event_pattern = file("${path.module}/data/aws_cloudwatch_event_rule_options-components.judge.example-SpotInterruption_event_pattern")
  name          = "options-components.judge.example-SpotInterruption"
  tags = {
    "KubernetesCluster"                                      = "options-components.judge.example"
    "Name"                                                   = "options-components.judge.example-SpotInterruption"
    "kubernetes.io/cluster/options-components.judge.example" = "owned"
  }
}

resource "aws_cloudwatch_event_target" "options-components-judge-example-ASGLifecycle-Target" {
  arn  = aws_sqs_queue.options-components-judge-example-nth.arn
  rule = aws_cloudwatch_event_rule.options-components-judge-example-ASGLifecycle.id
}

resource "aws_cloudwatch_event_target" "options-components-judge-example-InstanceScheduledChange-Target" {
  arn  = aws_sqs_queue.options-components-judge-example-nth.arn
  rule = aws_cloudwatch_event_rule.options-components-judge-example-InstanceScheduledChange.id
}

resource "aws_cloudwatch_event_target" "options-components-judge-example-InstanceStateChange-Target" {
  arn  = aws_sqs_queue.options-components-judge-example-nth.arn
  rule = aws_cloudwatch_event_rule.options-components-judge-example-InstanceStateChange.id
}

resource "aws_cloudwatch_event_target" "options-components-judge-example-SpotInterruption-Target" {
  arn  = aws_sqs_queue.options-components-judge-example-nth.arn
  rule = aws_cloudwatch_event_rule.options-components-judge-example-SpotInterruption.id
}

resource "aws_ebs_volume" "a-etcd-events-options-components-judge-example" {
  availability_zone = "us-east-1a"
  encrypted         = true
  iops              = 3000
  size              = 20
  tags = {
    "KubernetesCluster"                                      = "options-components.judge.example"
    "Name"                                                   = "a.etcd-events.options-components.judge.example"
    "k8s.io/etcd/events"                                     = "a/a"
    "k8s.io/role/control-plane"                              = "1"
    "k8s.io/role/master"                                     = "1"
    "kubernetes.io/cluster/options-components.judge.example" = "owned"
  }
  throughput = 125
  type       = "gp3"
}

resource "aws_ebs_volume" "a-etcd-main-options-components-judge-example" {
  availability_zone = "us-east-1a"
  encrypted         = true
  iops              = 3000
  size              = 20
  tags = {
    "KubernetesCluster"                                      = "options-components.judge.example"
    "Name"                                                   = "a.etcd-main.options-components.judge.example"
    "k8s.io/etcd/main"                                       = "a/a"
    "k8s.io/role/control-plane"                              = "1"
    "k8s.io/role/master"                                     = "1"
    "kubernetes.io/cluster/options-components.judge.example" = "owned"
  }
  throughput = 125
  type       = "gp3"
}

resource "aws_iam_instance_profile" "masters-options-components-judge-example" {
  name = "masters.options-components.judge.example"
  role = aws_iam_role.masters-options-components-judge-example.name
  tags = {
    "KubernetesCluster"                                      = "options-components.judge.example"
    "Name"                                                   = "masters.options-components.judge.example"
    "kubernetes.io/cluster/options-components.judge.example" = "owned"
  }
}

resource "aws_iam_instance_profile" "nodes-options-components-judge-example" {
  name = "nodes.options-components.judge.example"
  role = aws_iam_role.nodes-options-components-judge-example.name
  tags = {
    "KubernetesCluster"                                      = "options-components.judge.example"
    "Name"                                                   = "nodes.options-components.judge.example"
    "kubernetes.io/cluster/options-components.judge.example" = "owned"
  }
}

resource "aws_iam_role" "masters-options-components-judge-example" {
  assume_role_policy = file("${path.module}/data/aws_iam_role_masters.options-components.judge.example_policy")
  name               = "masters.options-components.judge.example"
  tags = {
    "KubernetesCluster"                                      = "options-components.judge.example"
    "Name"                                                   = "masters.options-components.judge.example"
    "kubernetes.io/cluster/options-components.judge.example" = "owned"
  }
}

resource "aws_iam_role" "nodes-options-components-judge-example" {
  assume_role_policy = file("${path.module}/data/aws_iam_role_nodes.options-components.judge.example_policy")
  name               = "nodes.options-components.judge.example"
  tags = {
    "KubernetesCluster"                                      = "options-components.judge.example"
    "Name"                                                   = "nodes.options-components.judge.example"
    "kubernetes.io/cluster/options-components.judge.example" = "owned"
  }
}

resource "aws_iam_role_policy" "masters-options-components-judge-example" {
  name   = "masters.options-components.judge.example"
  policy = file("${path.module}/data/aws_iam_role_policy_masters.options-components.judge.example_policy")
  role   = aws_iam_role.masters-options-components-judge-example.name
}

resource "aws_iam_role_policy" "nodes-options-components-judge-example" {
  name   = "nodes.options-components.judge.example"
  policy = file("${path.module}/data/aws_iam_role_policy_nodes.options-components.judge.example_policy")
  role   = aws_iam_role.nodes-options-components-judge-example.name
}

resource "aws_internet_gateway" "options-components-judge-example" {
  tags = {
    "KubernetesCluster"                                      = "options-components.judge.example"
    "Name"                                                   = "options-components.judge.example"
    "kubernetes.io/cluster/options-components.judge.example" = "owned"
  }
  vpc_id = aws_vpc.options-components-judge-example.id
}

resource "aws_key_pair" "kubernetes-options-components-judge-example-65962dfce8d5a911640c0fea006e5bbd" {
  key_name   = "kubernetes.options-components.judge.example-65:96:2d:fc:e8:d5:a9:11:64:0c:0f:ea:00:6e:5b:bd"
  public_key = file("${path.module}/data/aws_key_pair_kubernetes.options-components.judge.example-65962dfce8d5a911640c0fea006e5bbd_public_key")
  tags = {
    "KubernetesCluster"                                      = "options-components.judge.example"
    "Name"                                                   = "options-components.judge.example"
    "kubernetes.io/cluster/options-components.judge.example" = "owned"
  }
}

resource "aws_launch_template" "control-plane-us-east-1a-masters-options-components-judge-example" {
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
    name = aws_iam_instance_profile.masters-options-components-judge-example.id
  }
  image_id      = "ami-0000000000000a001"
  instance_type = "m5.large"
  key_name      = aws_key_pair.kubernetes-options-components-judge-example-65962dfce8d5a911640c0fea006e5bbd.id
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
  name = "control-plane-us-east-1a.masters.options-components.judge.example"
  network_interfaces {
    associate_public_ip_address = true
    delete_on_termination       = true
    ipv6_address_count          = 0
    security_groups             = [aws_security_group.masters-options-components-judge-example.id]
  }
  tag_specifications {
    resource_type = "instance"
    tags = {
      "KubernetesCluster"                                                                                     = "options-components.judge.example"
      "Name"                                                                                                  = "control-plane-us-east-1a.masters.options-components.judge.example"
      "aws-node-termination-handler/managed"                                                                  = ""
      "k8s.io/cluster-autoscaler/node-template/label/kops.k8s.io/instancegroup"                               = "control-plane-us-east-1a"
      "k8s.io/cluster-autoscaler/node-template/label/kops.k8s.io/kops-controller-pki"                         = ""
      "k8s.io/cluster-autoscaler/node-template/label/node-role.kubernetes.io/control-plane"                   = ""
      "k8s.io/cluster-autoscaler/node-template/label/node.kubernetes.io/exclude-from-external-load-balancers" = ""
      "k8s.io/cluster-autoscaler/node-template/label/tier"                                                    = "plane"
      "k8s.io/role/control-plane"                                                                             = "1"
      "k8s.io/role/master"                                                                                    = "1"
      "kops.k8s.io/instancegroup"                                                                             = "control-plane-us-east-1a"
      "kubernetes.io/cluster/options-components.judge.example"                                                = "owned"
    }
  }
  tag_specifications {
    resource_type = "volume"
    tags = {
      "KubernetesCluster"                                                                                     = "options-components.judge.example"
      "Name"                                                                                                  = "control-plane-us-east-1a.masters.options-components.judge.example"
      "aws-node-termination-handler/managed"                                                                  = ""
      "k8s.io/cluster-autoscaler/node-template/label/kops.k8s.io/instancegroup"                               = "control-plane-us-east-1a"
      "k8s.io/cluster-autoscaler/node-template/label/kops.k8s.io/kops-controller-pki"                         = ""
      "k8s.io/cluster-autoscaler/node-template/label/node-role.kubernetes.io/control-plane"                   = ""
      "k8s.io/cluster-autoscaler/node-template/label/node.kubernetes.io/exclude-from-external-load-balancers" = ""
      "k8s.io/cluster-autoscaler/node-template/label/tier"                                                    = "plane"
      "k8s.io/role/control-plane"                                                                             = "1"
      "k8s.io/role/master"                                                                                    = "1"
      "kops.k8s.io/instancegroup"                                                                             = "control-plane-us-east-1a"
      "kubernetes.io/cluster/options-components.judge.example"                                                = "owned"
    }
  }
  tag_specifications {
    resource_type = "network-interface"
    tags = {
      "KubernetesCluster"                                                                                     = "options-components.judge.example"
      "Name"                                                                                                  = "control-plane-us-east-1a.masters.options-components.judge.example"
      "aws-node-termination-handler/managed"                                                                  = ""
      "k8s.io/cluster-autoscaler/node-template/label/kops.k8s.io/instancegroup"                               = "control-plane-us-east-1a"
      "k8s.io/cluster-autoscaler/node-template/label/kops.k8s.io/kops-controller-pki"                         = ""
      "k8s.io/cluster-autoscaler/node-template/label/node-role.kubernetes.io/control-plane"                   = ""
      "k8s.io/cluster-autoscaler/node-template/label/node.kubernetes.io/exclude-from-external-load-balancers" = ""
      "k8s.io/cluster-autoscaler/node-template/label/tier"                                                    = "plane"
      "k8s.io/role/control-plane"                                                                             = "1"
      "k8s.io/role/master"                                                                                    = "1"
      "kops.k8s.io/instancegroup"                                                                             = "control-plane-us-east-1a"
      "kubernetes.io/cluster/options-components.judge.example"                                                = "owned"
    }
  }
  tags = {
    "KubernetesCluster"                                                                                     = "options-components.judge.example"
    "Name"                                                                                                  = "control-plane-us-east-1a.masters.options-components.judge.example"
    "aws-node-termination-handler/managed"                                                                  = ""
    "k8s.io/cluster-autoscaler/node-template/label/kops.k8s.io/instancegroup"                               = "control-plane-us-east-1a"
    "k8s.io/cluster-autoscaler/node-template/label/kops.k8s.io/kops-controller-pki"                         = ""
    "k8s.io/cluster-autoscaler/node-template/label/node-role.kubernetes.io/control-plane"                   = ""
    "k8s.io/cluster-autoscaler/node-template/label/node.kubernetes.io/exclude-from-external-load-balancers" = ""
    "k8s.io/cluster-autoscaler/node-template/label/tier"                                                    = "plane"
    "k8s.io/role/control-plane"                                                                             = "1"
    "k8s.io/role/master"                                                                                    = "1"
    "kops.k8s.io/instancegroup"                                                                             = "control-plane-us-east-1a"
    "kubernetes.io/cluster/options-components.judge.example"                                                = "owned"
  }
  user_data = filebase64("${path.module}/data/aws_launch_template_control-plane-us-east-1a.masters.options-components.judge.example_user_data")
}

resource "aws_launch_template" "nodes-us-east-1a-options-components-judge-example" {
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
    name = aws_iam_instance_profile.nodes-options-components-judge-example.id
  }
  image_id      = "ami-0000000000000a001"
  instance_type = "t3.medium"
  key_name      = aws_key_pair.kubernetes-options-components-judge-example-65962dfce8d5a911640c0fea006e5bbd.id
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
  name = "nodes-us-east-1a.options-components.judge.example"
  network_interfaces {
    associate_public_ip_address = true
    delete_on_termination       = true
    ipv6_address_count          = 0
    security_groups             = [aws_security_group.nodes-options-components-judge-example.id]
  }
  tag_specifications {
    resource_type = "instance"
    tags = {
      "KubernetesCluster"                                                          = "options-components.judge.example"
      "Name"                                                                       = "nodes-us-east-1a.options-components.judge.example"
      "aws-node-termination-handler/managed"                                       = ""
      "k8s.io/cluster-autoscaler/node-template/label/kops.k8s.io/instancegroup"    = "nodes-us-east-1a"
      "k8s.io/cluster-autoscaler/node-template/label/node-role.kubernetes.io/node" = ""
      "k8s.io/cluster-autoscaler/node-template/label/tier"                         = "all"
      "k8s.io/role/node"                                                           = "1"
      "kops.k8s.io/instancegroup"                                                  = "nodes-us-east-1a"
      "kubernetes.io/cluster/options-components.judge.example"                     = "owned"
    }
  }
  tag_specifications {
    resource_type = "volume"
    tags = {
      "KubernetesCluster"                                                          = "options-components.judge.example"
      "Name"                                                                       = "nodes-us-east-1a.options-components.judge.example"
      "aws-node-termination-handler/managed"                                       = ""
      "k8s.io/cluster-autoscaler/node-template/label/kops.k8s.io/instancegroup"    = "nodes-us-east-1a"
      "k8s.io/cluster-autoscaler/node-template/label/node-role.kubernetes.io/node" = ""
      "k8s.io/cluster-autoscaler/node-template/label/tier"                         = "all"
      "k8s.io/role/node"                                                           = "1"
      "kops.k8s.io/instancegroup"                                                  = "nodes-us-east-1a"
      "kubernetes.io/cluster/options-components.judge.example"                     = "owned"
    }
  }
  tag_specifications {
    resource_type = "network-interface"
    tags = {
      "KubernetesCluster"                                                          = "options-components.judge.example"
      "Name"                                                                       = "nodes-us-east-1a.options-components.judge.example"
      "aws-node-termination-handler/managed"                                       = ""
      "k8s.io/cluster-autoscaler/node-template/label/kops.k8s.io/instancegroup"    = "nodes-us-east-1a"
      "k8s.io/cluster-autoscaler/node-template/label/node-role.kubernetes.io/node" = ""
      "k8s.io/cluster-autoscaler/node-template/label/tier"                         = "all"
      "k8s.io/role/node"                                                           = "1"
      "kops.k8s.io/instancegroup"                                                  = "nodes-us-east-1a"
      "kubernetes.io/cluster/options-components.judge.example"                     = "owned"
    }
  }
  tags = {
    "KubernetesCluster"                                                          = "options-components.judge.example"
    "Name"                                                                       = "nodes-us-east-1a.options-components.judge.example"
    "aws-node-termination-handler/managed"                                       = ""
    "k8s.io/cluster-autoscaler/node-template/label/kops.k8s.io/instancegroup"    = "nodes-us-east-1a"
    "k8s.io/cluster-autoscaler/node-template/label/node-role.kubernetes.io/node" = ""
    "k8s.io/cluster-autoscaler/node-template/label/tier"                         = "all"
    "k8s.io/role/node"                                                           = "1"
    "kops.k8s.io/instancegroup"                                                  = "nodes-us-east-1a"
    "kubernetes.io/cluster/options-components.judge.example"                     = "owned"
  }
  user_data = filebase64("${path.module}/data/aws_launch_template_nodes-us-east-1a.options-components.judge.example_user_data")
}

resource "aws_route" "route-0-0-0-0--0" {
  destination_cidr_block = "0.0.0.0/0"
  gateway_id             = aws_internet_gateway.options-components-judge-example.id
  route_table_id         = aws_route_table.options-components-judge-example.id
}

resource "aws_route" "route-__--0" {
  destination_ipv6_cidr_block = "::/0"
  gateway_id                  = aws_internet_gateway.options-components-judge-example.id
  route_table_id              = aws_route_table.options-components-judge-example.id
}

resource "aws_route_table" "options-components-judge-example" {
  tags = {
    "KubernetesCluster"                                      = "options-components.judge.example"
    "Name"                                                   = "options-components.judge.example"
    "kubernetes.io/cluster/options-components.judge.example" = "owned"
    "kubernetes.io/kops/role"                                = "public"
  }
  vpc_id = aws_vpc.options-components-judge-example.id
}

resource "aws_route_table_association" "us-east-1a-options-components-judge-example" {
  route_table_id = aws_route_table.options-components-judge-example.id
  subnet_id      = aws_subnet.us-east-1a-options-components-judge-example.id
}

resource "aws_s3_object" "cluster-completed-spec" {
  bucket                 = "judge-state"
  content                = file("${path.module}/data/aws_s3_object_cluster-completed.spec_content")
  key                    = "options-components.judge.example/cluster-completed.spec"
  provider               = aws.files
  server_side_encryption = "AES256"
}

resource "aws_s3_object" "etcd-cluster-spec-events" {
  bucket                 = "judge-state"
  content                = file("${path.module}/data/aws_s3_object_etcd-cluster-spec-events_content")
  key                    = "options-components.judge.example/backups/etcd/events/control/etcd-cluster-spec"
  provider               = aws.files
  server_side_encryption = "AES256"
}

resource "aws_s3_object" "etcd-cluster-spec-main" {
  bucket                 = "judge-state"
  content                = file("${path.module}/data/aws_s3_object_etcd-cluster-spec-main_content")
  key                    = "options-components.judge.example/backups/etcd/main/control/etcd-cluster-spec"
  provider               = aws.files
  server_side_encryption = "AES256"
}

resource "aws_s3_object" "kops-version-txt" {
  bucket                 = "judge-state"
  content                = file("${path.module}/data/aws_s3_object_kops-version.txt_content")
  key                    = "options-components.judge.example/kops-version.txt"
  provider               = aws.files
  server_side_encryption = "AES256"
}

resource "aws_s3_object" "manifests-channels-kops-channels" {
  bucket                 = "judge-state"
  content                = file("${path.module}/data/aws_s3_object_manifests-channels-kops-channels_content")
  key                    = "options-components.judge.example/manifests/channels/kops-channels.yaml"
  provider               = aws.files
  server_side_encryption = "AES256"
}

resource "aws_s3_object" "manifests-etcdmanager-events-control-plane-us-east-1a" {
  bucket                 = "judge-state"
  content                = file("${path.module}/data/aws_s3_object_manifests-etcdmanager-events-control-plane-us-east-1a_content")
  key                    = "options-components.judge.example/manifests/etcd/events-control-plane-us-east-1a.yaml"
  provider               = aws.files
  server_side_encryption = "AES256"
}

resource "aws_s3_object" "manifests-etcdmanager-main-control-plane-us-east-1a" {
  bucket                 = "judge-state"
  content                = file("${path.module}/data/aws_s3_object_manifests-etcdmanager-main-control-plane-us-east-1a_content")
  key                    = "options-components.judge.example/manifests/etcd/main-control-plane-us-east-1a.yaml"
  provider               = aws.files
  server_side_encryption = "AES256"
}

resource "aws_s3_object" "manifests-static-kube-apiserver-healthcheck" {
  bucket                 = "judge-state"
  content                = file("${path.module}/data/aws_s3_object_manifests-static-kube-apiserver-healthcheck_content")
  key                    = "options-components.judge.example/manifests/static/kube-apiserver-healthcheck.yaml"
  provider               = aws.files
  server_side_encryption = "AES256"
}

resource "aws_s3_object" "nodeupconfig-control-plane-us-east-1a" {
  bucket                 = "judge-state"
  content                = file("${path.module}/data/aws_s3_object_nodeupconfig-control-plane-us-east-1a_content")
  key                    = "options-components.judge.example/igconfig/control-plane/control-plane-us-east-1a/nodeupconfig.yaml"
  provider               = aws.files
  server_side_encryption = "AES256"
}

resource "aws_s3_object" "nodeupconfig-nodes-us-east-1a" {
  bucket                 = "judge-state"
  content                = file("${path.module}/data/aws_s3_object_nodeupconfig-nodes-us-east-1a_content")
  key                    = "options-components.judge.example/igconfig/node/nodes-us-east-1a/nodeupconfig.yaml"
  provider               = aws.files
  server_side_encryption = "AES256"
}

resource "aws_s3_object" "options-components-judge-example-addons-aws-cloud-controller-addons-k8s-io-k8s-1-18" {
  bucket                 = "judge-state"
  content                = file("${path.module}/data/aws_s3_object_options-components.judge.example-addons-aws-cloud-controller.addons.k8s.io-k8s-1.18_content")
  key                    = "options-components.judge.example/addons/aws-cloud-controller.addons.k8s.io/k8s-1.18.yaml"
  provider               = aws.files
  server_side_encryption = "AES256"
}

resource "aws_s3_object" "options-components-judge-example-addons-aws-ebs-csi-driver-addons-k8s-io-k8s-1-17" {
  bucket                 = "judge-state"
  content                = file("${path.module}/data/aws_s3_object_options-components.judge.example-addons-aws-ebs-csi-driver.addons.k8s.io-k8s-1.17_content")
  key                    = "options-components.judge.example/addons/aws-ebs-csi-driver.addons.k8s.io/k8s-1.17.yaml"
  provider               = aws.files
  server_side_encryption = "AES256"
}

resource "aws_s3_object" "options-components-judge-example-addons-bootstrap" {
  bucket                 = "judge-state"
  content                = file("${path.module}/data/aws_s3_object_options-components.judge.example-addons-bootstrap_content")
  key                    = "options-components.judge.example/addons/bootstrap-channel.yaml"
  provider               = aws.files
  server_side_encryption = "AES256"
}

resource "aws_s3_object" "options-components-judge-example-addons-coredns-addons-k8s-io-k8s-1-12" {
  bucket                 = "judge-state"
  content                = file("${path.module}/data/aws_s3_object_options-components.judge.example-addons-coredns.addons.k8s.io-k8s-1.12_content")
  key                    = "options-components.judge.example/addons/coredns.addons.k8s.io/k8s-1.12.yaml"
  provider               = aws.files
  server_side_encryption = "AES256"
}

resource "aws_s3_object" "options-components-judge-example-addons-dns-controller-addons-k8s-io-k8s-1-12" {
  bucket                 = "judge-state"
  content                = file("${path.module}/data/aws_s3_object_options-components.judge.example-addons-dns-controller.addons.k8s.io-k8s-1.12_content")
  key                    = "options-components.judge.example/addons/dns-controller.addons.k8s.io/k8s-1.12.yaml"
  provider               = aws.files
  server_side_encryption = "AES256"
}

resource "aws_s3_object" "options-components-judge-example-addons-kops-controller-addons-k8s-io-k8s-1-16" {
  bucket                 = "judge-state"
  content                = file("${path.module}/data/aws_s3_object_options-components.judge.example-addons-kops-controller.addons.k8s.io-k8s-1.16_content")
  key                    = "options-components.judge.example/addons/kops-controller.addons.k8s.io/k8s-1.16.yaml"
  provider               = aws.files
  server_side_encryption = "AES256"
}

resource "aws_s3_object" "options-components-judge-example-addons-kubelet-api-rbac-addons-k8s-io-k8s-1-9" {
  bucket                 = "judge-state"
  content                = file("${path.module}/data/aws_s3_object_options-components.judge.example-addons-kubelet-api.rbac.addons.k8s.io-k8s-1.9_content")
  key                    = "options-components.judge.example/addons/kubelet-api.rbac.addons.k8s.io/k8s-1.9.yaml"
  provider               = aws.files
  server_side_encryption = "AES256"
}

resource "aws_s3_object" "options-components-judge-example-addons-limit-range-addons-k8s-io" {
  bucket                 = "judge-state"
  content                = file("${path.module}/data/aws_s3_object_options-components.judge.example-addons-limit-range.addons.k8s.io_content")
  key                    = "options-components.judge.example/addons/limit-range.addons.k8s.io/v1.5.0.yaml"
  provider               = aws.files
  server_side_encryption = "AES256"
}

resource "aws_s3_object" "options-components-judge-example-addons-networking-projectcalico-org-k8s-1-25" {
  bucket                 = "judge-state"
  content                = file("${path.module}/data/aws_s3_object_options-components.judge.example-addons-networking.projectcalico.org-k8s-1.25_content")
  key                    = "options-components.judge.example/addons/networking.projectcalico.org/k8s-1.25.yaml"
  provider               = aws.files
  server_side_encryption = "AES256"
}

resource "aws_s3_object" "options-components-judge-example-addons-node-termination-handler-aws-k8s-1-11" {
  bucket                 = "judge-state"
  content                = file("${path.module}/data/aws_s3_object_options-components.judge.example-addons-node-termination-handler.aws-k8s-1.11_content")
  key                    = "options-components.judge.example/addons/node-termination-handler.aws/k8s-1.11.yaml"
  provider               = aws.files
  server_side_encryption = "AES256"
}

resource "aws_s3_object" "options-components-judge-example-addons-storage-aws-addons-k8s-io-v1-15-0" {
  bucket                 = "judge-state"
  content                = file("${path.module}/data/aws_s3_object_options-components.judge.example-addons-storage-aws.addons.k8s.io-v1.15.0_content")
  key                    = "options-components.judge.example/addons/storage-aws.addons.k8s.io/v1.15.0.yaml"
  provider               = aws.files
  server_side_encryption = "AES256"
}

resource "aws_security_group" "masters-options-components-judge-example" {
  description = "Security group for masters"
  name        = "masters.options-components.judge.example"
  tags = {
    "KubernetesCluster"                                      = "options-components.judge.example"
    "Name"                                                   = "masters.options-components.judge.example"
    "kubernetes.io/cluster/options-components.judge.example" = "owned"
  }
  vpc_id = aws_vpc.options-components-judge-example.id
}

resource "aws_security_group" "nodes-options-components-judge-example" {
  description = "Security group for nodes"
  name        = "nodes.options-components.judge.example"
  tags = {
    "KubernetesCluster"                                      = "options-components.judge.example"
    "Name"                                                   = "nodes.options-components.judge.example"
    "kubernetes.io/cluster/options-components.judge.example" = "owned"
  }
  vpc_id = aws_vpc.options-components-judge-example.id
}

resource "aws_security_group_rule" "from-0-0-0-0--0-ingress-tcp-22to22-masters-options-components-judge-example" {
  cidr_blocks       = ["0.0.0.0/0"]
  from_port         = 22
  protocol          = "tcp"
  security_group_id = aws_security_group.masters-options-components-judge-example.id
  to_port           = 22
  type              = "ingress"
}

resource "aws_security_group_rule" "from-0-0-0-0--0-ingress-tcp-22to22-nodes-options-components-judge-example" {
  cidr_blocks       = ["0.0.0.0/0"]
  from_port         = 22
  protocol          = "tcp"
  security_group_id = aws_security_group.nodes-options-components-judge-example.id
  to_port           = 22
  type              = "ingress"
}

resource "aws_security_group_rule" "from-0-0-0-0--0-ingress-tcp-443to443-masters-options-components-judge-example" {
  cidr_blocks       = ["0.0.0.0/0"]
  from_port         = 443
  protocol          = "tcp"
  security_group_id = aws_security_group.masters-options-components-judge-example.id
  to_port           = 443
  type              = "ingress"
}

resource "aws_security_group_rule" "from-__--0-ingress-tcp-22to22-masters-options-components-judge-example" {
  from_port         = 22
  ipv6_cidr_blocks  = ["::/0"]
  protocol          = "tcp"
  security_group_id = aws_security_group.masters-options-components-judge-example.id
  to_port           = 22
  type              = "ingress"
}

resource "aws_security_group_rule" "from-__--0-ingress-tcp-22to22-nodes-options-components-judge-example" {
  from_port         = 22
  ipv6_cidr_blocks  = ["::/0"]
  protocol          = "tcp"
  security_group_id = aws_security_group.nodes-options-components-judge-example.id
  to_port           = 22
  type              = "ingress"
}

resource "aws_security_group_rule" "from-__--0-ingress-tcp-443to443-masters-options-components-judge-example" {
  from_port         = 443
  ipv6_cidr_blocks  = ["::/0"]
  protocol          = "tcp"
  security_group_id = aws_security_group.masters-options-components-judge-example.id
  to_port           = 443
  type              = "ingress"
}

resource "aws_security_group_rule" "from-masters-options-components-judge-example-egress-all-0to0-0-0-0-0--0" {
  cidr_blocks       = ["0.0.0.0/0"]
  from_port         = 0
  protocol          = "-1"
  security_group_id = aws_security_group.masters-options-components-judge-example.id
  to_port           = 0
  type              = "egress"
}

resource "aws_security_group_rule" "from-masters-options-components-judge-example-egress-all-0to0-__--0" {
  from_port         = 0
  ipv6_cidr_blocks  = ["::/0"]
  protocol          = "-1"
  security_group_id = aws_security_group.masters-options-components-judge-example.id
  to_port           = 0
  type              = "egress"
}

resource "aws_security_group_rule" "from-masters-options-components-judge-example-ingress-all-0to0-masters-options-components-judge-example" {
  from_port                = 0
  protocol                 = "-1"
  security_group_id        = aws_security_group.masters-options-components-judge-example.id
  source_security_group_id = aws_security_group.masters-options-components-judge-example.id
  to_port                  = 0
  type                     = "ingress"
}

resource "aws_security_group_rule" "from-masters-options-components-judge-example-ingress-all-0to0-nodes-options-components-judge-example" {
  from_port                = 0
  protocol                 = "-1"
  security_group_id        = aws_security_group.nodes-options-components-judge-example.id
  source_security_group_id = aws_security_group.masters-options-components-judge-example.id
  to_port                  = 0
  type                     = "ingress"
}

resource "aws_security_group_rule" "from-nodes-options-components-judge-example-egress-all-0to0-0-0-0-0--0" {
  cidr_blocks       = ["0.0.0.0/0"]
  from_port         = 0
  protocol          = "-1"
  security_group_id = aws_security_group.nodes-options-components-judge-example.id
  to_port           = 0
  type              = "egress"
}

resource "aws_security_group_rule" "from-nodes-options-components-judge-example-egress-all-0to0-__--0" {
  from_port         = 0
  ipv6_cidr_blocks  = ["::/0"]
  protocol          = "-1"
  security_group_id = aws_security_group.nodes-options-components-judge-example.id
  to_port           = 0
  type              = "egress"
}

resource "aws_security_group_rule" "from-nodes-options-components-judge-example-ingress-4-0to0-masters-options-components-judge-example" {
  from_port                = 0
  protocol                 = "4"
  security_group_id        = aws_security_group.masters-options-components-judge-example.id
  source_security_group_id = aws_security_group.nodes-options-components-judge-example.id
  to_port                  = 65535
  type                     = "ingress"
}

resource "aws_security_group_rule" "from-nodes-options-components-judge-example-ingress-all-0to0-nodes-options-components-judge-example" {
  from_port                = 0
  protocol                 = "-1"
  security_group_id        = aws_security_group.nodes-options-components-judge-example.id
  source_security_group_id = aws_security_group.nodes-options-components-judge-example.id
  to_port                  = 0
  type                     = "ingress"
}

resource "aws_security_group_rule" "from-nodes-options-components-judge-example-ingress-tcp-1to2379-masters-options-components-judge-example" {
  from_port                = 1
  protocol                 = "tcp"
  security_group_id        = aws_security_group.masters-options-components-judge-example.id
  source_security_group_id = aws_security_group.nodes-options-components-judge-example.id
  to_port                  = 2379
  type                     = "ingress"
}

resource "aws_security_group_rule" "from-nodes-options-components-judge-example-ingress-tcp-2382to4000-masters-options-components-judge-example" {
  from_port                = 2382
  protocol                 = "tcp"
  security_group_id        = aws_security_group.masters-options-components-judge-example.id
  source_security_group_id = aws_security_group.nodes-options-components-judge-example.id
  to_port                  = 4000
  type                     = "ingress"
}

resource "aws_security_group_rule" "from-nodes-options-components-judge-example-ingress-tcp-4003to65535-masters-options-components-judge-example" {
  from_port                = 4003
  protocol                 = "tcp"
  security_group_id        = aws_security_group.masters-options-components-judge-example.id
  source_security_group_id = aws_security_group.nodes-options-components-judge-example.id
  to_port                  = 65535
  type                     = "ingress"
}

resource "aws_security_group_rule" "from-nodes-options-components-judge-example-ingress-udp-1to65535-masters-options-components-judge-example" {
  from_port                = 1
  protocol                 = "udp"
  security_group_id        = aws_security_group.masters-options-components-judge-example.id
  source_security_group_id = aws_security_group.nodes-options-components-judge-example.id
  to_port                  = 65535
  type                     = "ingress"
}

resource "aws_sqs_queue" "options-components-judge-example-nth" {
  message_retention_seconds = 300
  name                      = "options-components-judge-example-nth"
  policy                    = file("${path.module}/data/aws_sqs_queue_options-components-judge-example-nth_policy")
  tags = {
    "KubernetesCluster"                                      = "options-components.judge.example"
    "Name"                                                   = "options-components-judge-example-nth"
    "kubernetes.io/cluster/options-components.judge.example" = "owned"
  }
}

resource "aws_subnet" "us-east-1a-options-components-judge-example" {
  availability_zone                           = "us-east-1a"
  cidr_block                                  = "172.20.0.0/16"
  enable_resource_name_dns_a_record_on_launch = false
  private_dns_hostname_type_on_launch         = "ip-name"
  tags = {
    "KubernetesCluster"                                      = "options-components.judge.example"
    "Name"                                                   = "us-east-1a.options-components.judge.example"
    "SubnetType"                                             = "Public"
    "kubernetes.io/cluster/options-components.judge.example" = "owned"
    "kubernetes.io/role/elb"                                 = "1"
    "kubernetes.io/role/internal-elb"                        = "1"
  }
  vpc_id = aws_vpc.options-components-judge-example.id
}

resource "aws_vpc" "options-components-judge-example" {
  assign_generated_ipv6_cidr_block = true
  cidr_block                       = "172.20.0.0/16"
  enable_dns_hostnames             = true
  enable_dns_support               = true
  tags = {
    "KubernetesCluster"                                      = "options-components.judge.example"
    "Name"                                                   = "options-components.judge.example"
    "kubernetes.io/cluster/options-components.judge.example" = "owned"
  }
}

resource "aws_vpc_dhcp_options" "options-components-judge-example" {
  domain_name         = "ec2.internal"
  domain_name_servers = ["AmazonProvidedDNS"]
  tags = {
    "KubernetesCluster"                                      = "options-components.judge.example"
    "Name"                                                   = "options-components.judge.example"
    "kubernetes.io/cluster/options-components.judge.example" = "owned"
  }
}

resource "aws_vpc_dhcp_options_association" "options-components-judge-example" {
  dhcp_options_id = aws_vpc_dhcp_options.options-components-judge-example.id
  vpc_id          = aws_vpc.options-components-judge-example.id
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
