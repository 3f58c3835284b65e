#!/bin/sh
# Install Debian or Ubuntu packages as root or through sudo: apt-install.sh PACKAGE...
set -eu
command -v apt-get >/dev/null || { echo "no apt-get here; install by hand: $*" >&2; exit 1; }
if [ "$(id -u)" = 0 ]; then
    as_root=
elif command -v sudo >/dev/null; then
    as_root=sudo
else
    echo "neither root nor sudo; install by hand: $*" >&2
    exit 1
fi
export DEBIAN_FRONTEND=noninteractive
$as_root apt-get install -y -q --no-install-recommends "$@" >/dev/null 2>&1 && exit 0
$as_root apt-get update -q >/dev/null
$as_root apt-get install -y -q --no-install-recommends "$@" >/dev/null
