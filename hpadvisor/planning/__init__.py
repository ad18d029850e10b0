"""Findings and knowledge to a plan: verdict, spaces, strategy, budget, stop rules."""
