"""Creation, plans, apply, rolls and deletion of a cluster under its lock, and their history."""
