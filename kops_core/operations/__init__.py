"""What is done with a plan: journaled state machines that tell what they do."""
