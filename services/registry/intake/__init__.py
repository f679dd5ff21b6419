"""What other registries send us where the province is the subscriber (DCI): kept once."""
