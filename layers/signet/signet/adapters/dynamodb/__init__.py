"""The tables: what is stored, found again, listed, and changed in transactions."""
