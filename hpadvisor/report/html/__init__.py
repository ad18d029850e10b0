"""Results as one self-contained page: texts, tables and pictures, opened from disk."""
