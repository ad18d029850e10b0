"""Attacks on the program, each a kind that was mended: files, streams, numbers, texts."""
