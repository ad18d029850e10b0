"""The pages in headless Chromium: screenshots, weight, time to paint."""
