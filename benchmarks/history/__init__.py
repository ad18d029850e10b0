"""Histories of hand-set runs: does the next advised training improve on the best so far?"""
