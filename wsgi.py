"""What the web server runs: `wsgi:server`. Settings come from the environment; docs/architecture.md lists them."""

import os

from dashboard.app import create_app, installation_from_environment

app = create_app(installation_from_environment(os.environ))
server = app.server
