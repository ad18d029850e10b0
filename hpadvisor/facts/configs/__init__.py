"""Facts of training configs and search spaces, each with the place where it stands."""
