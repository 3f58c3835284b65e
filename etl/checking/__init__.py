"""Text rows → typed rows, or set aside with a reason. Parsers are vectorised; odd values take a slow path."""
