"""What importing a certificate and answering a signing request have in common."""
