"""The TURN relay of the operator, asked whether it relays."""
