"""The sample suite is run by test_sample_suite.py, as its user would run it."""

collect_ignore = ["sample_suite"]
