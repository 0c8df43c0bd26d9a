"""E-mail by the web interfaces of e-mail service providers, through django-anymail."""
