"""Whether a plan finds better configurations than the tools' defaults, on real tuning runs."""
