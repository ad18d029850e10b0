"""Checking configs: files to subjects, subjects to findings, findings to edits."""
