"""Results to text, JSON and Markdown. A report never judges."""
