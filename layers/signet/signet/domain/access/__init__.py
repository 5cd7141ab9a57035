"""Who somebody is, and what they may see and manage: tokens, names, roles, certificate groups."""
