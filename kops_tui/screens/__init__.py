"""One screen a module. A screen asks the engine in workers and shows what it answers."""
