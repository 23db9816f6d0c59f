"""The engine as its users see it: settings, the fleet, and a cluster being worked on."""
