"""Training logs to runs: formats found by content, columns mapped to roles. No judgement."""
