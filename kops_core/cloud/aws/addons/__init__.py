"""Add-ons of clusters on AWS only, and the catalogue of all their add-ons."""
