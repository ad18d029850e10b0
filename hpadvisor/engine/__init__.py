"""Rules: loading, three-valued conditions, matching. Knows no file of the user, no terminal."""
