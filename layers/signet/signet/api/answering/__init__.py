"""What goes out beside JSON: files, spreadsheets, calendars, and which of them the caller wants."""
