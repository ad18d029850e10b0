"""A training command tuned by ``hpadvisor run``, beside TPE over a wide space and the defaults."""
