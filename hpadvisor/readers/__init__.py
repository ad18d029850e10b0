"""Files to raw records with positions. One module a format, no judgement."""
