"""The pieces that every screen is made of. A widget shows what it is given and does no I/O."""
