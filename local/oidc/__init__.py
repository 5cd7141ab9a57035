"""The OIDC provider of this machine: people and programs log in here as they would at the organisation's own."""
