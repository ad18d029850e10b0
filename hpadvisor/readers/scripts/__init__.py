"""Search spaces in Python scripts and notebooks, read as syntax, never run."""
