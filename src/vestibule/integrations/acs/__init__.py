"""Text messages and e-mail by Azure Communication Services, through its official SDKs."""
