"""Signet: takes care of an organisation's signing certificates."""

import gc

# What is imported stays: to look among it for garbage at every two thousand objects is a twelfth of a cold start, for
# nothing.
gc.set_threshold(20_000, 50, 50)
