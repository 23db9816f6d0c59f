"""Add-ons that only clusters on AWS have, and the catalogue of all that those may have."""
