"""What the web server runs: `wsgi:server`. Settings come from the environment; docs/architecture.md lists them."""

import os

from dashboard import warming
from dashboard.app import create_app, installation_from_environment

place = installation_from_environment(os.environ)
app = create_app(place)
server = app.server
warming.start(place)
