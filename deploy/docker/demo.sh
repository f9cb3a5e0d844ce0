#!/bin/sh
# The beer: the recording of two brews as if it had begun half an hour ago, over and over.
#
# What is past comes at once, so that there is something to see; the rest a reading a second.
set -eu
recording=${1:-/usr/share/brewcast/temps.txt.gz}
config=${2:-/usr/share/brewcast/demo.conf}
processor=${3:-/etc/telegraf/telegraf.d/brewcast.conf}

DEMO_RECORDING=$(mktemp -d)/temps.txt
export DEMO_RECORDING
restamp --filename "$recording" --shift --start_offset -30m >"$DEMO_RECORDING"
exec telegraf --config "$config" --config "$processor"
