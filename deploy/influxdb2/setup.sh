#!/bin/sh
# Once, against a new InfluxDB 2: applies template.yml and makes two tokens.
#
#   INFLUX_HOST=http://127.0.0.1:8086 INFLUX_TOKEN=... INFLUX_ORG=home setup.sh FOLDER
#
# INFLUX_TOKEN is the operator's and comes from the environment. What it makes are files in FOLDER:
#   telegraf/write_token   may write the bucket brew and nothing else; for Telegraf's [[secretstores]]
#   grafana/read_token     may read the bucket brew and nothing else; for $__file{} of Grafana
# A token that is there is kept, so that it can be run again. TOKEN_MODE is the mode of the files (0600);
# where each folder is a volume that only one container sees, 0444 lets that one read it.
set -eu
umask 077
folder=${1:?the folder for the tokens}
here=$(cd "$(dirname "$0")" && pwd)

# token FILE WHAT DESCRIPTION: makes a token that may do WHAT with the bucket. No newline at the end:
# Telegraf takes a secret as it is.
token() {
    [ ! -s "$1" ] || return 0
    mkdir -p "$(dirname "$1")"
    token=$(influx auth create "--$2-bucket" "$bucket" --description "$3" --hide-headers | cut -f3)
    [ -n "$token" ] || { echo "no token for $1" >&2; exit 1; }
    printf %s "$token" >"$1.new"
    chmod "${TOKEN_MODE:-0600}" "$1.new"
    mv "$1.new" "$1"
}

write=$folder/telegraf/write_token
read=$folder/grafana/read_token
if [ -s "$write" ] && [ -s "$read" ]; then
    echo 'the tokens are there'
    exit 0
fi
# A second time would make a second dashboard and second tasks.
if [ ! -s "$write" ]; then
    influx apply --force yes --quiet --file "$here/template.yml"
fi
bucket=$(influx bucket list --name brew --hide-headers | cut -f1)
token "$write" write 'telegraf writes brew'
token "$read" read 'grafana reads brew'
