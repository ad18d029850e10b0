"""Callbacks in trainings of the real libraries."""
