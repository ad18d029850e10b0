"""Statistics of a search, and the facts that rules judge it by."""
