"""AWS itself, played by Moto: the resources of the template, what Moto lacks, and what IAM would refuse."""
