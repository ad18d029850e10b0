"""Recognising config formats, and finding values in them by declared paths."""
