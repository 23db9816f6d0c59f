"""The widgets of the screens. A widget shows what it is given and does no I/O."""
