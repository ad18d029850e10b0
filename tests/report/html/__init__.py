"""Tests of hpadvisor.report.html."""
