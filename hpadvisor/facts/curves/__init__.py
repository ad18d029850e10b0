"""Facts of training curves: what the numbers show, before anybody judges them."""
