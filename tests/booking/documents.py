"""A document a question asks for."""

PDF = b"%PDF-1.7\n%..."


REPORT = {"id": "report", "type": "file", "label": "Your last report", "required": False, "help": "", "choices": []}
