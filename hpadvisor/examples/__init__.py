"""Bundled situations: one to try each kind of plan."""
