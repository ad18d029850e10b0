"""The clinic: advice on curves, judged by training again with the change that was advised."""
