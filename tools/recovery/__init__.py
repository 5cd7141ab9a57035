"""Looking after a deployment's data: `make doctor` finds what does not fit, `make restore` brings tables back."""
