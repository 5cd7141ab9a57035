"""Events, the audit record, and their announcements."""
