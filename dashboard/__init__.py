"""The Dash application: shell, the one door to data, access, charts, components and texts."""
