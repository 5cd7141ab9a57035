"""ministack, an AWS that others wrote: taught what it lacks, started, and the built stack deployed to it."""
