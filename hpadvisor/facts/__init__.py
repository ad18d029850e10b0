"""Named, typed values with provenance: what is known, and who said so."""
