#!/bin/sh
# The tests and screenshots drive a real Chromium with a Chinese font. Install both where they are missing.
set -eu
missing=
command -v chromium >/dev/null || command -v google-chrome >/dev/null || missing="chromium"
fc-list 2>/dev/null | grep -qiE 'noto ?sans ?cjk|source han' || missing="$missing fonts-noto-cjk"
[ -z "$missing" ] && exit 0
echo "installing for the browser tests: $missing" >&2
# shellcheck disable=SC2086
sh "$(dirname "$0")/apt-install.sh" $missing || {
    echo "the browser tests need $missing. Without them, run: make test-fast" >&2
    exit 1
}
