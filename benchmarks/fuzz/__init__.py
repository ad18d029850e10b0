"""A fuzzer that stays: small files of every format, mutated with an eye for their structure."""
