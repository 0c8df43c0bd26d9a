"""What people with bad intentions write where a style is chosen."""

HARM = [
    "</style><script>alert(1)</script>",
    "@import 'https://evil.example/x.css'",
    "url(https://evil.example)",
    "red",
    "#fff",
    "#12345g",
    "#123456;background:red",
    "#123456\n",
    "rgb(0,0,0)",
    "var(--ink)",
    "expression(alert(1))",
]
