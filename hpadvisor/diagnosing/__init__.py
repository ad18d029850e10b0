"""Curves and what is told of a training to a diagnosis."""
