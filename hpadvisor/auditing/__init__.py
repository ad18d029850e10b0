"""What follows from a search: checks, a decision, the next space, the confirmation."""
