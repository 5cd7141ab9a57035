"""What is run when Signet is put into an AWS account, taken back there, or taken away."""
