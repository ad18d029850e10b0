"""Settings of a usual size: language models, image nets, sequences, fine-tuning; noisy logs."""
