"""Cloud providers: facts, observation and change of resources, and Terraform output."""
