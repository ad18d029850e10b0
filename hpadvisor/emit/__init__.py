"""Plans to code and configuration for existing search engines."""
