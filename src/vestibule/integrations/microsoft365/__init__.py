"""Microsoft 365 through Graph: one registered application of a tenant, and what it is used for."""
