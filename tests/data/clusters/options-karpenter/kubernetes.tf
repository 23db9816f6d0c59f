locals {
  cluster_name                                       = "options-karpenter.judge.example"
  iam_openid_connect_provider_arn                    = aws_iam_openid_connect_provider.options-karpenter-judge-example.arn
  iam_openid_connect_provider_issuer                 = "judge-state.s3.us-east-1.amazonaws.com/discovery/options-karpenter.judge.example"
  kube-system-aws-cloud-controller-manager_role_arn  = aws_iam_role.aws-cloud-controller-manager-kube-system-sa-options-karpe-ptvthh.arn
  kube-system-aws-cloud-controller-manager_role_name = aws_iam_role.aws-cloud-controller-manager-kube-system-sa-options-karpe-ptvthh.name
  kube-system-ebs-csi-controller-sa_role_arn         = aws_iam_role.ebs-csi-controller-sa-kube-system-sa-options-karpenter-ju-hmefah.arn
  kube-system-ebs-csi-controller-sa_role_name        = aws_iam_role.ebs-csi-controller-sa-kube-system-sa-options-karpenter-ju-hmefah.name
  kube-system-karpenter_role_arn                     = aws_iam_role.karpenter-kube-system-sa-options-karpenter-judge-example.arn
  kube-system-karpenter_role_name                    = aws_iam_role.karpenter-kube-system-sa-options-karpenter-judge-example.name
  master_autoscaling_group_ids                       = [aws_autoscaling_group.control-plane-us-east-1a-masters-options-karpenter-judge-example.id]
  master_security_group_ids                          = [aws_security_group.masters-options-karpenter-judge-example.id]
  masters_role_arn                                   = aws_iam_role.masters-options-karpenter-judge-example.arn
  masters_role_name                                  = aws_iam_role.masters-options-karpenter-judge-example.name
  nodes_role_arn                                     = aws_iam_role.nodes-options-karpenter-judge-example.arn
  nodes_role_name                                    = aws_iam_role.nodes-options-karpenter-judge-example.name
  region                                             = "us-east-1"
  route_table_public_id                              = aws_route_table.options-karpenter-judge-example.id
  subnet_us-east-1a_id                               = aws_subnet.us-east-1a-options-karpenter-judge-example.id
  vpc_cidr_block                                     = aws_vpc.options-karpenter-judge-example.cidr_block
  vpc_id                                             = aws_vpc.options-karpenter-judge-example.id
  vpc_ipv6_cidr_block                                = aws_vpc.options-karpenter-judge-example.ipv6_cidr_block
  vpc_ipv6_cidr_length                               = local.vpc_ipv6_cidr_block == "" ? null : tonumber(regex(".*/(\\d+)", local.vpc_ipv6_cidr_block)[0])
}

output "cluster_name" {
  value = "options-karpenter.judge.example"
}

output "iam_openid_connect_provider_arn" {
  value = aws_iam_openid_connect_provider.options-karpenter-judge-example.arn
}

output "iam_openid_connect_provider_issuer" {
  value = "judge-state.s3.us-east-1.amazonaws.com/discovery/options-karpenter.judge.example"
}

output "kube-system-aws-cloud-controller-manager_role_arn" {
  value = aws_iam_role.aws-cloud-controller-manager-kube-system-sa-options-karpe-ptvthh.arn
}

output "kube-system-aws-cloud-controller-manager_role_name" {
  value = aws_iam_role.aws-cloud-controller-manager-kube-system-sa-options-karpe-ptvthh.name
}

output "kube-system-ebs-csi-controller-sa_role_arn" {
  value = aws_iam_role.ebs-csi-controller-sa-kube-system-sa-options-karpenter-ju-hmefah.arn
}

output "kube-system-ebs-csi-controller-sa_role_name" {
  value = aws_iam_role.ebs-csi-controller-sa-kube-system-sa-options-karpenter-ju-hmefah.name
}

output "kube-system-karpenter_role_arn" {
  value = aws_iam_role.karpenter-kube-system-sa-options-karpenter-judge-example.arn
}

output "kube-system-karpenter_role_name" {
  value = aws_iam_role.karpenter-kube-system-sa-options-karpenter-judge-example.name
}

output "master_autoscaling_group_ids" {
  value = [aws_autoscaling_group.control-plane-us-east-1a-masters-options-karpenter-judge-example.id]
}

output "master_security_group_ids" {
  value = [aws_security_group.masters-options-karpenter-judge-example.id]
}

output "masters_role_arn" {
  value = aws_iam_role.masters-options-karpenter-judge-example.arn
}

output "masters_role_name" {
  value = aws_iam_role.masters-options-karpenter-judge-example.name
}

output "nodes_role_arn" {
  value = aws_iam_role.nodes-options-karpenter-judge-example.arn
}

output "nodes_role_name" {
  value = aws_iam_role.nodes-options-karpenter-judge-example.name
}

output "region" {
  value = "us-east-1"
}

output "route_table_public_id" {
  value = aws_route_table.options-karpenter-judge-example.id
}

output "subnet_us-east-1a_id" {
  value = aws_subnet.us-east-1a-options-karpenter-judge-example.id
}

output "vpc_cidr_block" {
  value = aws_vpc.options-karpenter-judge-example.cidr_block
}

output "vpc_id" {
  value = aws_vpc.options-karpenter-judge-example.id
}

output "vpc_ipv6_cidr_block" {
  value = aws_vpc.options-karpenter-judge-example.ipv6_cidr_block
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

resource "aws_autoscaling_group" "control-plane-us-east-1a-masters-options-karpenter-judge-example" {
  enabled_metrics = ["GroupDesiredCapacity", "GroupInServiceInstances", "GroupMaxSize", "GroupMinSize", "GroupPendingInstances", "GroupStandbyInstances", "GroupTerminatingInstances", "GroupTotalInstances"]
  launch_template {
    id      = aws_launch_template.control-plane-us-east-1a-masters-options-karpenter-judge-example.id
    version = aws_launch_template.control-plane-us-east-1a-masters-options-karpenter-judge-example.latest_version
  }
  max_instance_lifetime = 0
  max_size              = 1
  metrics_granularity   = "1Minute"
  min_size              = 1
  name                  = "control-plane-us-east-1a.masters.options-karpenter.judge.example"
  protect_from_scale_in = false
  tag {
    key                 = "KubernetesCluster"
    propagate_at_launch = true
    value               = "options-karpenter.judge.example"
  }
  tag {
    key                 = "Name"
    propagate_at_launch = true
    value               = "control-plane-us-east-1a.masters.options-karpenter.judge.example"
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
    key                 = "kubernetes.io/cluster/options-karpenter.judge.example"
    propagate_at_launch = true
    value               = "owned"
  }
  target_group_arns   = [aws_lb_target_group.kops-controller-options-k-dtavac.id, aws_lb_target_group.tcp-options-karpenter-jud-38u7t8.id]
  vpc_zone_identifier = [aws_subnet.us-east-1a-options-karpenter-judge-example.id]
}

resource "aws_ebs_volume" "a-etcd-events-options-karpenter-judge-example" {
  availability_zone = "us-east-1a"
  encrypted         = true
  iops              = 3000
  size              = 20
  tags = {
    "KubernetesCluster"                                     = "options-karpenter.judge.example"
    "Name"                                                  = "a.etcd-events.options-karpenter.judge.example"
    "k8s.io/etcd/events"                                    = "a/a"
    "k8s.io/role/control-plane"                             = "1"
    "k8s.io/role/master"                                    = "1"
    "kubernetes.io/cluster/options-karpenter.judge.example" = "owned"
  }
  throughput = 125
  type       = "gp3"
}

resource "aws_ebs_volume" "a-etcd-main-options-karpenter-judge-example" {
  availability_zone = "us-east-1a"
  encrypted         = true
  iops              = 3000
  size              = 20
  tags = {
    "KubernetesCluster"                                     = "options-karpenter.judge.example"
    "Name"                                                  = "a.etcd-main.options-karpenter.judge.example"
    "k8s.io/etcd/main"                                      = "a/a"
    "k8s.io/role/control-plane"                             = "1"
    "k8s.io/role/master"                                    = "1"
    "kubernetes.io/cluster/options-karpenter.judge.example" = "owned"
  }
  throughput = 125
  type       = "gp3"
}

resource "aws_iam_instance_profile" "masters-options-karpenter-judge-example" {
  name = "masters.options-karpenter.judge.example"
  role = aws_iam_role.masters-options-karpenter-judge-example.name
  tags = {
    "KubernetesCluster"                                     = "options-karpenter.judge.example"
    "Name"                                                  = "masters.options-karpenter.judge.example"
    "kubernetes.io/cluster/options-karpenter.judge.example" = "owned"
  }
}

resource "aws_iam_instance_profile" "nodes-options-karpenter-judge-example" {
  name = "nodes.options-karpenter.judge.example"
  role = aws_iam_role.nodes-options-karpenter-judge-example.name
  tags = {
    "KubernetesCluster"                                     = "options-karpenter.judge.example"
    "Name"                                                  = "nodes.options-karpenter.judge.example"
    "kubernetes.io/cluster/options-karpenter.judge.example" = "owned"
  }
}

resource "aws_iam_openid_connect_provider" "options-karpenter-judge-example" {
  client_id_list = ["amazonaws.com"]
  tags = {
    "KubernetesCluster"                                     = "options-karpenter.judge.example"
    "Name"                                                  = "options-karpenter.judge.example"
    "kubernetes.io/cluster/options-karpenter.judge.example" = "owned"
  }
  thumbprint_list = ["9e99a48a9960b14926bb7f3b02e22da2b0ab7280", "a9d53002e97e00e043244f3d170d6f4c414104fd"]
  url             = "https://judge-state.s3.us-east-1.amazonaws.com/discovery/options-karpenter.judge.example"
}

resource "aws_iam_role" "aws-cloud-controller-manager-kube-system-sa-options-karpe-ptvthh" {
  assume_role_policy = file("${path.module}/data/aws_iam_role_aws-cloud-controller-manager.kube-system.sa.options-karpe-ptvthh_policy")
  name               = "aws-cloud-controller-manager.kube-system.sa.options-karpe-ptvthh"
  tags = {
    "KubernetesCluster"                                     = "options-karpenter.judge.example"
    "Name"                                                  = "aws-cloud-controller-manager.kube-system.sa.options-karpe-ptvthh"
    "kubernetes.io/cluster/options-karpenter.judge.example" = "owned"
    "service-account.kops.k8s.io/name"                      = "aws-cloud-controller-manager"
    "service-account.kops.k8s.io/namespace"                 = "kube-system"
  }
}

resource "aws_iam_role" "ebs-csi-controller-sa-kube-system-sa-options-karpenter-ju-hmefah" {
  assume_role_policy = file("${path.module}/data/aws_iam_role_ebs-csi-controller-sa.kube-system.sa.options-karpenter.ju-hmefah_policy")
  name               = "ebs-csi-controller-sa.kube-system.sa.options-karpenter.ju-hmefah"
  tags = {
    "KubernetesCluster"                                     = "options-karpenter.judge.example"
    "Name"                                                  = "ebs-csi-controller-sa.kube-system.sa.options-karpenter.ju-hmefah"
    "kubernetes.io/cluster/options-karpenter.judge.example" = "owned"
    "service-account.kops.k8s.io/name"                      = "ebs-csi-controller-sa"
    "service-account.kops.k8s.io/namespace"                 = "kube-system"
  }
}

resource "aws_iam_role" "karpenter-kube-system-sa-options-karpenter-judge-example" {
  assume_role_policy = file("${path.module}/data/aws_iam_role_karpenter.kube-system.sa.options-karpenter.judge.example_policy")
  name               = "karpenter.kube-system.sa.options-karpenter.judge.example"
  tags = {
    "KubernetesCluster"                                     = "options-karpenter.judge.example"
    "Name"                                                  = "karpenter.kube-system.sa.options-karpenter.judge.example"
    "kubernetes.io/cluster/options-karpenter.judge.example" = "owned"
    "service-account.kops.k8s.io/name"                      = "karpenter"
    "service-account.kops.k8s.io/namespace"                 = "kube-system"
  }
}

resource "aws_iam_role" "masters-options-karpenter-judge-example" {
  assume_role_policy = file("${path.module}/data/aws_iam_role_masters.options-karpenter.judge.example_policy")
  name               = "masters.options-karpenter.judge.example"
  tags = {
    "KubernetesCluster"                                     = "options-karpenter.judge.example"
    "Name"                                                  = "masters.options-karpenter.judge.example"
    "kubernetes.io/cluster/options-karpenter.judge.example" = "owned"
  }
}

resource "aws_iam_role" "nodes-options-karpenter-judge-example" {
  assume_role_policy = file("${path.module}/data/aws_iam_role_nodes.options-karpenter.judge.example_policy")
  name               = "nodes.options-karpenter.judge.example"
  tags = {
    "KubernetesCluster"                                     = "options-karpenter.judge.example"
    "Name"                                                  = "nodes.options-karpenter.judge.example"
    "kubernetes.io/cluster/options-karpenter.judge.example" = "owned"
  }
}

resource "aws_iam_role_policy" "aws-cloud-controller-manager-kube-system-sa-options-karpe-ptvthh" {
  name   = "aws-cloud-controller-manager.kube-system.sa.options-karpe-ptvthh"
  policy = file("${path.module}/data/aws_iam_role_policy_aws-cloud-controller-manager.kube-system.sa.options-karpe-ptvthh_policy")
  role   = aws_iam_role.aws-cloud-controller-manager-kube-system-sa-options-karpe-ptvthh.name
}

resource "aws_iam_role_policy" "ebs-csi-controller-sa-kube-system-sa-options-karpenter-ju-hmefah" {
  name   = "ebs-csi-controller-sa.kube-system.sa.options-karpenter.ju-hmefah"
  policy = file("${path.module}/data/aws_iam_role_policy_ebs-csi-controller-sa.kube-system.sa.options-karpenter.ju-hmefah_policy")
  role   = aws_iam_role.ebs-csi-controller-sa-kube-system-sa-options-karpenter-ju-hmefah.name
}

resource "aws_iam_role_policy" "karpenter-kube-system-sa-options-karpenter-judge-example" {
  name   = "karpenter.kube-system.sa.options-karpenter.judge.example"
  policy = file("${path.module}/data/aws_iam_role_policy_karpenter.kube-system.sa.options-karpenter.judge.example_policy")
  role   = aws_iam_role.karpenter-kube-system-sa-options-karpenter-judge-example.name
}

resource "aws_iam_role_policy" "masters-options-karpenter-judge-example" {
  name   = "masters.options-karpenter.judge.example"
  policy = file("${path.module}/data/aws_iam_role_policy_masters.options-karpenter.judge.example_policy")
  role   = aws_iam_role.masters-options-karpenter-judge-example.name
}

resource "aws_iam_role_policy" "nodes-options-karpenter-judge-example" {
  name   = "nodes.options-karpenter.judge.example"
  policy = file("${path.module}/data/aws_iam_role_policy_nodes.options-karpenter.judge.example_policy")
  role   = aws_iam_role.nodes-options-karpenter-judge-example.name
}

resource "aws_internet_gateway" "options-karpenter-judge-example" {
  tags = {
    "KubernetesCluster"                                     = "options-karpenter.judge.example"
    "Name"                                                  = "options-karpenter.judge.example"
    "kubernetes.io/cluster/options-karpenter.judge.example" = "owned"
  }
  vpc_id = aws_vpc.options-karpenter-judge-example.id
}

resource "aws_key_pair" "kubernetes-options-karpenter-judge-example-65962dfce8d5a911640c0fea006e5bbd" {
  key_name   = "kubernetes.options-karpenter.judge.example-65:96:2d:fc:e8:d5:a9:11:64:0c:0f:ea:00:6e:5b:bd"
  public_key = file("${path.module}/data/aws_key_pair_kubernetes.options-karpenter.judge.example-65962dfce8d5a911640c0fea006e5bbd_public_key")
  tags = {
    "KubernetesCluster"                                     = "options-karpenter.judge.example"
    "Name"                                                  = "options-karpenter.judge.example"
    "kubernetes.io/cluster/options-karpenter.judge.example" = "owned"
  }
}

resource "aws_launch_template" "control-plane-us-east-1a-masters-options-karpenter-judge-example" {
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
    name = aws_iam_instance_profile.masters-options-karpenter-judge-example.id
  }
  image_id      = "ami-0000000000000a001"
  instance_type = "m5.large"
  key_name      = aws_key_pair.kubernetes-options-karpenter-judge-example-65962dfce8d5a911640c0fea006e5bbd.id
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
  name = "control-plane-us-east-1a.masters.options-karpenter.judge.example"
  network_interfaces {
    associate_public_ip_address = true
    delete_on_termination       = true
    ipv6_address_count          = 0
    security_groups             = [aws_security_group.masters-options-karpenter-judge-example.id]
  }
  tag_specifications {
    resource_type = "instance"
    tags = {
      "KubernetesCluster"                                                                                     = "options-karpenter.judge.example"
      "Name"                                                                                                  = "control-plane-us-east-1a.masters.options-karpenter.judge.example"
      "k8s.io/cluster-autoscaler/node-template/label/kops.k8s.io/instancegroup"                               = "control-plane-us-east-1a"
      "k8s.io/cluster-autoscaler/node-template/label/kops.k8s.io/kops-controller-pki"                         = ""
      "k8s.io/cluster-autoscaler/node-template/label/node-role.kubernetes.io/control-plane"                   = ""
      "k8s.io/cluster-autoscaler/node-template/label/node.kubernetes.io/exclude-from-external-load-balancers" = ""
      "k8s.io/role/control-plane"                                                                             = "1"
      "k8s.io/role/master"                                                                                    = "1"
      "kops.k8s.io/instancegroup"                                                                             = "control-plane-us-east-1a"
      "kubernetes.io/cluster/options-karpenter.judge.example"                                                 = "owned"
    }
  }
  tag_specifications {
    resource_type = "volume"
    tags = {
      "KubernetesCluster"                                                                                     = "options-karpenter.judge.example"
      "Name"                                                                                                  = "control-plane-us-east-1a.masters.options-karpenter.judge.example"
      "k8s.io/cluster-autoscaler/node-template/label/kops.k8s.io/instancegroup"                               = "control-plane-us-east-1a"
      "k8s.io/cluster-autoscaler/node-template/label/kops.k8s.io/kops-controller-pki"                         = ""
      "k8s.io/cluster-autoscaler/node-template/label/node-role.kubernetes.io/control-plane"                   = ""
      "k8s.io/cluster-autoscaler/node-template/label/node.kubernetes.io/exclude-from-external-load-balancers" = ""
      "k8s.io/role/control-plane"                                                                             = "1"
      "k8s.io/role/master"                                                                                    = "1"
      "kops.k8s.io/instancegroup"                                                                             = "control-plane-us-east-1a"
      "kubernetes.io/cluster/options-karpenter.judge.example"                                                 = "owned"
    }
  }
  tag_specifications {
    resource_type = "network-interface"
    tags = {
      "KubernetesCluster"                                                                                     = "options-karpenter.judge.example"
      "Name"                                                                                                  = "control-plane-us-east-1a.masters.options-karpenter.judge.example"
      "k8s.io/cluster-autoscaler/node-template/label/kops.k8s.io/instancegroup"                               = "control-plane-us-east-1a"
      "k8s.io/cluster-autoscaler/node-template/label/kops.k8s.io/kops-controller-pki"                         = ""
      "k8s.io/cluster-autoscaler/node-template/label/node-role.kubernetes.io/control-plane"                   = ""
      "k8s.io/cluster-autoscaler/node-template/label/node.kubernetes.io/exclude-from-external-load-balancers" = ""
      "k8s.io/role/control-plane"                                                                             = "1"
      "k8s.io/role/master"                                                                                    = "1"
      "kops.k8s.io/instancegroup"                                                                             = "control-plane-us-east-1a"
      "kubernetes.io/cluster/options-karpenter.judge.example"                                                 = "owned"
    }
  }
  tags = {
    "KubernetesCluster"                                                                                     = "options-karpenter.judge.example"
    "Name"                                                                                                  = "control-plane-us-east-1a.masters.options-karpenter.judge.example"
    "k8s.io/cluster-autoscaler/node-template/label/kops.k8s.io/instancegroup"                               = "control-plane-us-east-1a"
    "k8s.io/cluster-autoscaler/node-template/label/kops.k8s.io/kops-controller-pki"                         = ""
    "k8s.io/cluster-autoscaler/node-template/label/node-role.kubernetes.io/control-plane"                   = ""
    "k8s.io/cluster-autoscaler/node-template/label/node.kubernetes.io/exclude-from-external-load-balancers" = ""
    "k8s.io/role/control-plane"                                                                             = "1"
    "k8s.io/role/master"                                                                                    = "1"
    "kops.k8s.io/instancegroup"                                                                             = "control-plane-us-east-1a"
    "kubernetes.io/cluster/options-karpenter.judge.example"                                                 = "owned"
  }
  user_data = filebase64("${path.module}/data/aws_launch_template_control-plane-us-east-1a.masters.options-karpenter.judge.example_user_data")
}

resource "aws_lb" "api-options-karpenter-judge-example" {
  enable_cross_zone_load_balancing = true
  internal                         = false
  load_balancer_type               = "network"
  name                             = "api-options-karpenter-jud-me7jog"
  security_groups                  = [aws_security_group.api-elb-options-karpenter-judge-example.id]
  subnet_mapping {
    subnet_id = aws_subnet.us-east-1a-options-karpenter-judge-example.id
  }
  tags = {
    "KubernetesCluster"                                     = "options-karpenter.judge.example"
    "Name"                                                  = "api.options-karpenter.judge.example"
    "kubernetes.io/cluster/options-karpenter.judge.example" = "owned"
  }
}

resource "aws_lb_listener" "api-options-karpenter-judge-example-3988" {
  default_action {
    target_group_arn = aws_lb_target_group.kops-controller-options-k-dtavac.id
    type             = "forward"
  }
  load_balancer_arn = aws_lb.api-options-karpenter-judge-example.id
  port              = 3988
  protocol          = "TCP"
}

resource "aws_lb_listener" "api-options-karpenter-judge-example-443" {
  default_action {
    target_group_arn = aws_lb_target_group.tcp-options-karpenter-jud-38u7t8.id
    type             = "forward"
  }
  load_balancer_arn = aws_lb.api-options-karpenter-judge-example.id
  port              = 443
  protocol          = "TCP"
}

resource "aws_lb_target_group" "kops-controller-options-k-dtavac" {
  connection_termination = "true"
  deregistration_delay   = "30"
  health_check {
    healthy_threshold   = 2
    interval            = 10
    path                = "/healthz"
    protocol            = "HTTPS"
    unhealthy_threshold = 2
  }
  name     = "kops-controller-options-k-dtavac"
  port     = 3988
  protocol = "TCP"
  tags = {
    "KubernetesCluster"                                     = "options-karpenter.judge.example"
    "Name"                                                  = "kops-controller-options-k-dtavac"
    "kubernetes.io/cluster/options-karpenter.judge.example" = "owned"
  }
  vpc_id = aws_vpc.options-karpenter-judge-example.id
}

resource "aws_lb_target_group" "tcp-options-karpenter-jud-38u7t8" {
  connection_termination = "true"
  deregistration_delay   = "30"
  health_check {
    healthy_threshold   = 2
    interval            = 10
    protocol            = "TCP"
    unhealthy_threshold = 2
  }
  name     = "tcp-options-karpenter-jud-38u7t8"
  port     = 443
  protocol = "TCP"
  tags = {
    "KubernetesCluster"                                     = "options-karpenter.judge.example"
    "Name"                                                  = "tcp-options-karpenter-jud-38u7t8"
    "kubernetes.io/cluster/options-karpenter.judge.example" = "owned"
  }
  vpc_id = aws_vpc.options-karpenter-judge-example.id
}

resource "aws_route" "route-0-0-0-0--0" {
  destination_cidr_block = "0.0.0.0/0"
  gateway_id             = aws_internet_gateway.options-karpenter-judge-example.id
  route_table_id         = aws_route_table.options-karpenter-judge-example.id
}

resource "aws_route" "route-__--0" {
  destination_ipv6_cidr_block = "::/0"
  gateway_id                  = aws_internet_gateway.options-karpenter-judge-example.id
  route_table_id              = aws_route_table.options-karpenter-judge-example.id
}

resource "aws_route_table" "options-karpenter-judge-example" {
  tags = {
    "KubernetesCluster"                                     = "options-karpenter.judge.example"
    "Name"                                                  = "options-karpenter.judge.example"
    "kubernetes.io/cluster/options-karpenter.judge.example" = "owned"
    "kubernetes.io/kops/role"                               = "public"
  }
  vpc_id = aws_vpc.options-karpenter-judge-example.id
}

resource "aws_route_table_association" "us-east-1a-options-karpenter-judge-example" {
  route_table_id = aws_route_table.options-karpenter-judge-example.id
  subnet_id      = aws_subnet.us-east-1a-options-karpenter-judge-example.id
}

resource "aws_s3_object" "cluster-completed-spec" {
  bucket                 = "judge-state"
  content                = file("${path.module}/data/aws_s3_object_cluster-completed.spec_content")
  key                    = "options-karpenter.judge.example/cluster-completed.spec"
  provider               = aws.files
  server_side_encryption = "AES256"
}

resource "aws_s3_object" "discovery-json" {
  acl                    = "public-read"
  bucket                 = "judge-state"
  content                = file("${path.module}/data/aws_s3_object_discovery.json_content")
  key                    = "discovery/options-karpenter.judge.example/.well-known/openid-configuration"
  provider               = aws.files
  server_side_encryption = "AES256"
}

resource "aws_s3_object" "etcd-cluster-spec-events" {
  bucket                 = "judge-state"
  content                = file("${path.module}/data/aws_s3_object_etcd-cluster-spec-events_content")
  key                    = "options-karpenter.judge.example/backups/etcd/events/control/etcd-cluster-spec"
  provider               = aws.files
  server_side_encryption = "AES256"
}

resource "aws_s3_object" "etcd-cluster-spec-main" {
  bucket                 = "judge-state"
  content                = file("${path.module}/data/aws_s3_object_etcd-cluster-spec-main_content")
  key                    = "options-karpenter.judge.example/backups/etcd/main/control/etcd-cluster-spec"
  provider               = aws.files
  server_side_encryption = "AES256"
}

resource "aws_s3_object" "keys-json" {
  acl                    = "public-read"
  bucket                 = "judge-state"
  content                = file("${path.module}/data/aws_s3_object_keys.json_content")
  key                    = "discovery/options-karpenter.judge.example/openid/v1/jwks"
  provider               = aws.files
  server_side_encryption = "AES256"
}

resource "aws_s3_object" "kops-version-txt" {
  bucket                 = "judge-state"
  content                = file("${path.module}/data/aws_s3_object_kops-version.txt_content")
  key                    = "options-karpenter.judge.example/kops-version.txt"
  provider               = aws.files
  server_side_encryption = "AES256"
}

resource "aws_s3_object" "manifests-channels-kops-channels" {
  bucket                 = "judge-state"
  content                = file("${path.module}/data/aws_s3_object_manifests-channels-kops-channels_content")
  key                    = "options-karpenter.judge.example/manifests/channels/kops-channels.yaml"
  provider               = aws.files
  server_side_encryption = "AES256"
}

resource "aws_s3_object" "manifests-etcdmanager-events-control-plane-us-east-1a" {
  bucket                 = "judge-state"
  content                = file("${path.module}/data/aws_s3_object_manifests-etcdmanager-events-control-plane-us-east-1a_content")
  key                    = "options-karpenter.judge.example/manifests/etcd/events-control-plane-us-east-1a.yaml"
  provider               = aws.files
  server_side_encryption = "AES256"
}

resource "aws_s3_object" "manifests-etcdmanager-main-control-plane-us-east-1a" {
  bucket                 = "judge-state"
  content                = file("${path.module}/data/aws_s3_object_manifests-etcdmanager-main-control-plane-us-east-1a_content")
  key                    = "options-karpenter.judge.example/manifests/etcd/main-control-plane-us-east-1a.yaml"
  provider               = aws.files
  server_side_encryption = "AES256"
}

resource "aws_s3_object" "manifests-static-kube-apiserver-healthcheck" {
  bucket                 = "judge-state"
  content                = file("${path.module}/data/aws_s3_object_manifests-static-kube-apiserver-healthcheck_content")
  key                    = "options-karpenter.judge.example/manifests/static/kube-apiserver-healthcheck.yaml"
  provider               = aws.files
  server_side_encryption = "AES256"
}

resource "aws_s3_object" "nodeupconfig-control-plane-us-east-1a" {
  bucket                 = "judge-state"
  content                = file("${path.module}/data/aws_s3_object_nodeupconfig-control-plane-us-east-1a_content")
  key                    = "options-karpenter.judge.example/igconfig/control-plane/control-plane-us-east-1a/nodeupconfig.yaml"
  provider               = aws.files
  server_side_encryption = "AES256"
}

resource "aws_s3_object" "nodeupconfig-nodes" {
  bucket                 = "judge-state"
  content                = file("${path.module}/data/aws_s3_object_nodeupconfig-nodes_content")
  key                    = "options-karpenter.judge.example/igconfig/node/nodes/nodeupconfig.yaml"
  provider               = aws.files
  server_side_encryption = "AES256"
}

resource "aws_s3_object" "nodeupscript-nodes" {
  bucket                 = "judge-state"
  content                = file("${path.module}/data/aws_s3_object_nodeupscript-nodes_content")
  key                    = "options-karpenter.judge.example/igconfig/node/nodes/nodeupscript.sh"
  provider               = aws.files
  server_side_encryption = "AES256"
}

resource "aws_s3_object" "options-karpenter-judge-example-addons-aws-cloud-controller-addons-k8s-io-k8s-1-18" {
  bucket                 = "judge-state"
  content                = file("${path.module}/data/aws_s3_object_options-karpenter.judge.example-addons-aws-cloud-controller.addons.k8s.io-k8s-1.18_content")
  key                    = "options-karpenter.judge.example/addons/aws-cloud-controller.addons.k8s.io/k8s-1.18.yaml"
  provider               = aws.files
  server_side_encryption = "AES256"
}

resource "aws_s3_object" "options-karpenter-judge-example-addons-aws-ebs-csi-driver-addons-k8s-io-k8s-1-17" {
  bucket                 = "judge-state"
  content                = file("${path.module}/data/aws_s3_object_options-karpenter.judge.example-addons-aws-ebs-csi-driver.addons.k8s.io-k8s-1.17_content")
  key                    = "options-karpenter.judge.example/addons/aws-ebs-csi-driver.addons.k8s.io/k8s-1.17.yaml"
  provider               = aws.files
  server_side_encryption = "AES256"
}

resource "aws_s3_object" "options-karpenter-judge-example-addons-bootstrap" {
  bucket                 = "judge-state"
  content                = file("${path.module}/data/aws_s3_object_options-karpenter.judge.example-addons-bootstrap_content")
  key                    = "options-karpenter.judge.example/addons/bootstrap-channel.yaml"
  provider               = aws.files
  server_side_encryption = "AES256"
}

resource "aws_s3_object" "options-karpenter-judge-example-addons-coredns-addons-k8s-io-k8s-1-12" {
  bucket                 = "judge-state"
  content                = file("${path.module}/data/aws_s3_object_options-karpenter.judge.example-addons-coredns.addons.k8s.io-k8s-1.12_content")
  key                    = "options-karpenter.judge.example/addons/coredns.addons.k8s.io/k8s-1.12.yaml"
  provider               = aws.files
  server_side_encryption = "AES256"
}

resource "aws_s3_object" "options-karpenter-judge-example-addons-dns-controller-addons-k8s-io-k8s-1-12" {
  bucket                 = "judge-state"
  content                = file("${path.module}/data/aws_s3_object_options-karpenter.judge.example-addons-dns-controller.addons.k8s.io-k8s-1.12_content")
  key                    = "options-karpenter.judge.example/addons/dns-controller.addons.k8s.io/k8s-1.12.yaml"
  provider               = aws.files
  server_side_encryption = "AES256"
}

resource "aws_s3_object" "options-karpenter-judge-example-addons-karpenter-sh-k8s-1-19" {
  bucket                 = "judge-state"
  content                = file("${path.module}/data/aws_s3_object_options-karpenter.judge.example-addons-karpenter.sh-k8s-1.19_content")
  key                    = "options-karpenter.judge.example/addons/karpenter.sh/k8s-1.19.yaml"
  provider               = aws.files
  server_side_encryption = "AES256"
}

resource "aws_s3_object" "options-karpenter-judge-example-addons-kops-controller-addons-k8s-io-k8s-1-16" {
  bucket                 = "judge-state"
  content                = file("${path.module}/data/aws_s3_object_options-karpenter.judge.example-addons-kops-controller.addons.k8s.io-k8s-1.16_content")
  key                    = "options-karpenter.judge.example/addons/kops-controller.addons.k8s.io/k8s-1.16.yaml"
  provider               = aws.files
  server_side_encryption = "AES256"
}

resource "aws_s3_object" "options-karpenter-judge-example-addons-kubelet-api-rbac-addons-k8s-io-k8s-1-9" {
  bucket                 = "judge-state"
  content                = file("${path.module}/data/aws_s3_object_options-karpenter.judge.example-addons-kubelet-api.rbac.addons.k8s.io-k8s-1.9_content")
  key                    = "options-karpenter.judge.example/addons/kubelet-api.rbac.addons.k8s.io/k8s-1.9.yaml"
  provider               = aws.files
  server_side_encryption = "AES256"
}

resource "aws_s3_object" "options-karpenter-judge-example-addons-limit-range-addons-k8s-io" {
  bucket                 = "judge-state"
  content                = file("${path.module}/data/aws_s3_object_options-karpenter.judge.example-addons-limit-range.addons.k8s.io_content")
  key                    = "options-karpenter.judge.example/addons/limit-range.addons.k8s.io/v1.5.0.yaml"
  provider               = aws.files
  server_side_encryption = "AES256"
}

resource "aws_s3_object" "options-karpenter-judge-example-addons-networking-cilium-io-k8s-1-16" {
  bucket                 = "judge-state"
  content                = file("${path.module}/data/aws_s3_object_options-karpenter.judge.example-addons-networking.cilium.io-k8s-1.16_content")
  key                    = "options-karpenter.judge.example/addons/networking.cilium.io/k8s-1.16-v1.15.yaml"
  provider               = aws.files
  server_side_encryption = "AES256"
}

resource "aws_s3_object" "options-karpenter-judge-example-addons-storage-aws-addons-k8s-io-v1-15-0" {
  bucket                 = "judge-state"
  content                = file("${path.module}/data/aws_s3_object_options-karpenter.judge.example-addons-storage-aws.addons.k8s.io-v1.15.0_content")
  key                    = "options-karpenter.judge.example/addons/storage-aws.addons.k8s.io/v1.15.0.yaml"
  provider               = aws.files
  server_side_encryption = "AES256"
}

resource "aws_security_group" "api-elb-options-karpenter-judge-example" {
  description = "Security group for api ELB"
  name        = "api-elb.options-karpenter.judge.example"
  tags = {
    "KubernetesCluster"                                     = "options-karpenter.judge.example"
    "Name"                                                  = "api-elb.options-karpenter.judge.example"
    "kubernetes.io/cluster/options-karpenter.judge.example" = "owned"
  }
  vpc_id = aws_vpc.options-karpenter-judge-example.id
}

resource "aws_security_group" "masters-options-karpenter-judge-example" {
  description = "Security group for masters"
  name        = "masters.options-karpenter.judge.example"
  tags = {
    "KubernetesCluster"                                     = "options-karpenter.judge.example"
    "Name"                                                  = "masters.options-karpenter.judge.example"
    "kubernetes.io/cluster/options-karpenter.judge.example" = "owned"
  }
  vpc_id = aws_vpc.options-karpenter-judge-example.id
}

resource "aws_security_group" "nodes-options-karpenter-judge-example" {
  description = "Security group for nodes"
  name        = "nodes.options-karpenter.judge.example"
  tags = {
    "KubernetesCluster"                                     = "options-karpenter.judge.example"
    "Name"                                                  = "nodes.options-karpenter.judge.example"
    "kubernetes.io/cluster/options-karpenter.judge.example" = "owned"
  }
  vpc_id = aws_vpc.options-karpenter-judge-example.id
}

resource "aws_security_group_rule" "from-0-0-0-0--0-ingress-tcp-22to22-masters-options-karpenter-judge-example" {
  cidr_blocks       = ["0.0.0.0/0"]
  from_port         = 22
  protocol          = "tcp"
  security_group_id = aws_security_group.masters-options-karpenter-judge-example.id
  to_port           = 22
  type              = "ingress"
}

resource "aws_security_group_rule" "from-0-0-0-0--0-ingress-tcp-22to22-nodes-options-karpenter-judge-example" {
  cidr_blocks       = ["0.0.0.0/0"]
  from_port         = 22
  protocol          = "tcp"
  security_group_id = aws_security_group.nodes-options-karpenter-judge-example.id
  to_port           = 22
  type              = "ingress"
}

resource "aws_security_group_rule" "from-0-0-0-0--0-ingress-tcp-443to443-api-elb-options-karpenter-judge-example" {
  cidr_blocks       = ["0.0.0.0/0"]
  from_port         = 443
  protocol          = "tcp"
  security_group_id = aws_security_group.api-elb-options-karpenter-judge-example.id
  to_port           = 443
  type              = "ingress"
}

resource "aws_security_group_rule" "from-__--0-ingress-tcp-22to22-masters-options-karpenter-judge-example" {
  from_port         = 22
  ipv6_cidr_blocks  = ["::/0"]
  protocol          = "tcp"
  security_group_id = aws_security_group.masters-options-karpenter-judge-example.id
  to_port           = 22
  type              = "ingress"
}

resource "aws_security_group_rule" "from-__--0-ingress-tcp-22to22-nodes-options-karpenter-judge-example" {
  from_port         = 22
  ipv6_cidr_blocks  = ["::/0"]
  protocol          = "tcp"
  security_group_id = aws_security_group.nodes-options-karpenter-judge-example.id
  to_port           = 22
  type              = "ingress"
}

resource "aws_security_group_rule" "from-__--0-ingress-tcp-443to443-api-elb-options-karpenter-judge-example" {
  from_port         = 443
  ipv6_cidr_blocks  = ["::/0"]
  protocol          = "tcp"
  security_group_id = aws_security_group.api-elb-options-karpenter-judge-example.id
  to_port           = 443
  type              = "ingress"
}

resource "aws_security_group_rule" "from-api-elb-options-karpenter-judge-example-egress-all-0to0-0-0-0-0--0" {
  cidr_blocks       = ["0.0.0.0/0"]
  from_port         = 0
  protocol          = "-1"
  security_group_id = aws_security_group.api-elb-options-karpenter-judge-example.id
  to_port           = 0
  type              = "egress"
}

resource "aws_security_group_rule" "from-api-elb-options-karpenter-judge-example-egress-all-0to0-__--0" {
  from_port         = 0
  ipv6_cidr_blocks  = ["::/0"]
  protocol          = "-1"
  security_group_id = aws_security_group.api-elb-options-karpenter-judge-example.id
  to_port           = 0
  type              = "egress"
}

resource "aws_security_group_rule" "from-masters-options-karpenter-judge-example-egress-all-0to0-0-0-0-0--0" {
  cidr_blocks       = ["0.0.0.0/0"]
  from_port         = 0
  protocol          = "-1"
  security_group_id = aws_security_group.masters-options-karpenter-judge-example.id
  to_port           = 0
  type              = "egress"
}

resource "aws_security_group_rule" "from-masters-options-karpenter-judge-example-egress-all-0to0-__--0" {
  from_port         = 0
  ipv6_cidr_blocks  = ["::/0"]
  protocol          = "-1"
  security_group_id = aws_security_group.masters-options-karpenter-judge-example.id
  to_port           = 0
  type              = "egress"
}

resource "aws_security_group_rule" "from-masters-options-karpenter-judge-example-ingress-all-0to0-masters-options-karpenter-judge-example" {
  from_port                = 0
  protocol                 = "-1"
  security_group_id        = aws_security_group.masters-options-karpenter-judge-example.id
  source_security_group_id = aws_security_group.masters-options-karpenter-judge-example.id
  to_port                  = 0
  type                     = "ingress"
}

resource "aws_security_group_rule" "from-masters-options-karpenter-judge-example-ingress-all-0to0-nodes-options-karpenter-judge-example" {
  from_port                = 0
  protocol                 = "-1"
  security_group_id        = aws_security_group.nodes-options-karpenter-judge-example.id
  source_security_group_id = aws_security_group.masters-options-karpenter-judge-example.id
  to_port                  = 0
  type                     = "ingress"
}

resource "aws_security_group_rule" "from-nodes-options-karpenter-judge-example-egress-all-0to0-0-0-0-0--0" {
  cidr_blocks       = ["0.0.0.0/0"]
  from_port         = 0
  protocol          = "-1"
  security_group_id = aws_security_group.nodes-options-karpenter-judge-example.id
  to_port           = 0
  type              = "egress"
}

resource "aws_security_group_rule" "from-nodes-options-karpenter-judge-example-egress-all-0to0-__--0" {
  from_port         = 0
  ipv6_cidr_blocks  = ["::/0"]
  protocol          = "-1"
  security_group_id = aws_security_group.nodes-options-karpenter-judge-example.id
  to_port           = 0
  type              = "egress"
}

resource "aws_security_group_rule" "from-nodes-options-karpenter-judge-example-ingress-all-0to0-nodes-options-karpenter-judge-example" {
  from_port                = 0
  protocol                 = "-1"
  security_group_id        = aws_security_group.nodes-options-karpenter-judge-example.id
  source_security_group_id = aws_security_group.nodes-options-karpenter-judge-example.id
  to_port                  = 0
  type                     = "ingress"
}

resource "aws_security_group_rule" "from-nodes-options-karpenter-judge-example-ingress-tcp-1to2379-masters-options-karpenter-judge-example" {
  from_port                = 1
  protocol                 = "tcp"
  security_group_id        = aws_security_group.masters-options-karpenter-judge-example.id
  source_security_group_id = aws_security_group.nodes-options-karpenter-judge-example.id
  to_port                  = 2379
  type                     = "ingress"
}

resource "aws_security_group_rule" "from-nodes-options-karpenter-judge-example-ingress-tcp-2382to4000-masters-options-karpenter-judge-example" {
  from_port                = 2382
  protocol                 = "tcp"
  security_group_id        = aws_security_group.masters-options-karpenter-judge-example.id
  source_security_group_id = aws_security_group.nodes-options-karpenter-judge-example.id
  to_port                  = 4000
  type                     = "ingress"
}

resource "aws_security_group_rule" "from-nodes-options-karpenter-judge-example-ingress-tcp-4003to65535-masters-options-karpenter-judge-example" {
  from_port                = 4003
  protocol                 = "tcp"
  security_group_id        = aws_security_group.masters-options-karpenter-judge-example.id
  source_security_group_id = aws_security_group.nodes-options-karpenter-judge-example.id
  to_port                  = 65535
  type                     = "ingress"
}

resource "aws_security_group_rule" "from-nodes-options-karpenter-judge-example-ingress-udp-1to65535-masters-options-karpenter-judge-example" {
  from_port                = 1
  protocol                 = "udp"
  security_group_id        = aws_security_group.masters-options-karpenter-judge-example.id
  source_security_group_id = aws_security_group.nodes-options-karpenter-judge-example.id
  to_port                  = 65535
  type                     = "ingress"
}

resource "aws_security_group_rule" "https-elb-to-master" {
  from_port                = 443
  protocol                 = "tcp"
  security_group_id        = aws_security_group.masters-options-karpenter-judge-example.id
  source_security_group_id = aws_security_group.api-elb-options-karpenter-judge-example.id
  to_port                  = 443
  type                     = "ingress"
}

resource "aws_security_group_rule" "icmp-pmtu-api-elb-0-0-0-0--0" {
  cidr_blocks       = ["0.0.0.0/0"]
  from_port         = 3
  protocol          = "icmp"
  security_group_id = aws_security_group.api-elb-options-karpenter-judge-example.id
  to_port           = 4
  type              = "ingress"
}

resource "aws_security_group_rule" "icmp-pmtu-cp-to-elb" {
  from_port                = 3
  protocol                 = "icmp"
  security_group_id        = aws_security_group.api-elb-options-karpenter-judge-example.id
  source_security_group_id = aws_security_group.masters-options-karpenter-judge-example.id
  to_port                  = 4
  type                     = "ingress"
}

resource "aws_security_group_rule" "icmp-pmtu-elb-to-cp" {
  from_port                = 3
  protocol                 = "icmp"
  security_group_id        = aws_security_group.masters-options-karpenter-judge-example.id
  source_security_group_id = aws_security_group.api-elb-options-karpenter-judge-example.id
  to_port                  = 4
  type                     = "ingress"
}

resource "aws_security_group_rule" "icmpv6-pmtu-api-elb-__--0" {
  from_port         = -1
  ipv6_cidr_blocks  = ["::/0"]
  protocol          = "icmpv6"
  security_group_id = aws_security_group.api-elb-options-karpenter-judge-example.id
  to_port           = -1
  type              = "ingress"
}

resource "aws_security_group_rule" "kops-controller-elb-to-cp" {
  from_port                = 3988
  protocol                 = "tcp"
  security_group_id        = aws_security_group.masters-options-karpenter-judge-example.id
  source_security_group_id = aws_security_group.api-elb-options-karpenter-judge-example.id
  to_port                  = 3988
  type                     = "ingress"
}

resource "aws_security_group_rule" "node-to-elb" {
  from_port                = 0
  protocol                 = "-1"
  security_group_id        = aws_security_group.api-elb-options-karpenter-judge-example.id
  source_security_group_id = aws_security_group.nodes-options-karpenter-judge-example.id
  to_port                  = 0
  type                     = "ingress"
}

resource "aws_subnet" "us-east-1a-options-karpenter-judge-example" {
  availability_zone                           = "us-east-1a"
  cidr_block                                  = "172.20.0.0/16"
  enable_resource_name_dns_a_record_on_launch = true
  private_dns_hostname_type_on_launch         = "resource-name"
  tags = {
    "KubernetesCluster"                                     = "options-karpenter.judge.example"
    "Name"                                                  = "us-east-1a.options-karpenter.judge.example"
    "SubnetType"                                            = "Public"
    "kops.k8s.io/instance-group/nodes"                      = "true"
    "kubernetes.io/cluster/options-karpenter.judge.example" = "owned"
    "kubernetes.io/role/elb"                                = "1"
    "kubernetes.io/role/internal-elb"                       = "1"
  }
  vpc_id = aws_vpc.options-karpenter-judge-example.id
}

resource "aws_vpc" "options-karpenter-judge-example" {
  assign_generated_ipv6_cidr_block = true
  cidr_block                       = "172.20.0.0/16"
  enable_dns_hostnames             = true
  enable_dns_support               = true
  tags = {
    "KubernetesCluster"                                     = "options-karpenter.judge.example"
    "Name"                                                  = "options-karpenter.judge.example"
    "kubernetes.io/cluster/options-karpenter.judge.example" = "owned"
  }
}

resource "aws_vpc_dhcp_options" "options-karpenter-judge-example" {
  domain_name         = "ec2.internal"
  domain_name_servers = ["AmazonProvidedDNS"]
  tags = {
    "KubernetesCluster"                                     = "options-karpenter.judge.example"
    "Name"                                                  = "options-karpenter.judge.example"
    "kubernetes.io/cluster/options-karpenter.judge.example" = "owned"
  }
}

resource "aws_vpc_dhcp_options_association" "options-karpenter-judge-example" {
  dhcp_options_id = aws_vpc_dhcp_options.options-karpenter-judge-example.id
  vpc_id          = aws_vpc.options-karpenter-judge-example.id
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
