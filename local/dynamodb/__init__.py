"""Refuses what DynamoDB refuses and Moto takes."""
