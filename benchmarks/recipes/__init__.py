"""Judges ranges by published trainings: does the plan's range hold what was used?"""
