"""Microsoft's calling kit as an add-on: fetched by the operator, checked, and built with our adapter. Never shipped."""
