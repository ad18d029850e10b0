"""Tests of live judgement."""
