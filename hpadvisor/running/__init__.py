"""Trainings as commands: placeholders, configs, processes, scores from logs, and the loop."""
