"""Operations on a cluster under its lock: create, plan, apply, roll and delete, and their history."""
