"""Text rows → typed rows, or set aside with a reason. Column parsers are vectorised; odd values take a slow, plain path."""
