"""Tests of the documentation: what it tells exists, and its commands run."""
