"""Pages out of the indexes, merged; never a scan."""
