"""The screens, one a module. A screen queries the engine in workers and shows the answers."""
