"""Signet on one machine: what AWS does for the deployed stack is done here, from the same `template.yaml`.

Nothing in this package is deployed, and nothing that is deployed knows of it.
"""
