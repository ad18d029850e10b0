"""Judges plans of situations as people write them: what must hold, and what must not."""
