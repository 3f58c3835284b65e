"""What people configure: settings of the installation, and cities as folders of data."""
