"""Speed as ratios measured in one run: ``diagnose`` beside its peers, ``check``, the start-up."""
