"""What a user says of a training job, as a model and as facts."""
