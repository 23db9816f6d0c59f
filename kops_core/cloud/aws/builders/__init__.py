"""Resources of AWS, by area: each module yields what its area needs from the completed spec."""
