"""The outside: the only boto3, PynamoDB and cryptography."""
