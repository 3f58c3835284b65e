#!/bin/sh
# Build the virtual environment: make-venv.sh PYTHON FOLDER
set -eu
python=$1
folder=$2

if ! "$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
    echo "canbao needs Python 3.11 or newer; $("$python" --version 2>&1 || echo "$python is missing"). Try: make PYTHON=python3.12" >&2
    exit 1
fi
if ! "$python" -c 'import ensurepip, venv' 2>/dev/null; then
    version=$("$python" -c 'import sys; print(f"{sys.version_info.major}.{sys.version_info.minor}")')
    sh "$(dirname "$0")/apt-install.sh" "python$version-venv" || {
        echo "the Python module venv is missing: install the package python$version-venv" >&2
        exit 1
    }
fi
rm -rf "$folder"
"$python" -m venv "$folder"
echo "installing the packages of requirements.txt (about a minute, once) …"
"$folder/bin/python" -m pip install --quiet --disable-pip-version-check -r requirements.txt -c constraints.txt
