"""How fast things are, as figures and as ratios to something bare. Printed, never asserted."""
