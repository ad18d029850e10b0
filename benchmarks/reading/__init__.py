"""How many public logs are read with every role right: our reader, and the peers'."""
