"""What every table needs and no story owns: the product's clock, references, transactions, configuration."""
