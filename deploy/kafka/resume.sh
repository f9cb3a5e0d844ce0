#!/bin/sh
# Before a shard starts: has it read again what its brewcast has not learnt, or does not know any more.
#
#   KAFKA=kafka-1:9092 SHARD=brewcast-0 resume.sh [STATE [COLD [SLACK]]]
#
# Kafka counts a metric as read when brewcast gets it; what was learnt is on disk up to a minute later. So a
# shard that was killed goes back to the time of its state file, less SLACK seconds (20), in which it was
# made. What comes twice then is late for brewcast: it passes, and teaches nothing. After an orderly end the
# file is as new as what was read, and two seconds are enough. Without a state file the shard goes back by COLD
# (PT1H), to be warm at once. It never goes forward, and one that has read nothing yet begins with all that
# there is.
#
# It waits until Kafka has given up the Telegraf that was killed, some ten seconds. It needs
# kafka-consumer-groups.sh on the PATH or in /opt/kafka/bin, where the image has it.
set -eu
state=${1:-/var/lib/telegraf/brewcast/$SHARD.state}
cold=${2:-PT1H}
slack=${3:-20}
PATH=$PATH:/opt/kafka/bin

group() {
    kafka-consumer-groups.sh --bootstrap-server "$KAFKA" --group "$SHARD" "$@" 2>&1
}

# offset WHERE...: the offset there. It waits until nobody is in the group any more.
offset() {
    tries=60
    while :; do
        # Says topic, partition, offset.
        told=$(group --reset-offsets --topic "$SHARD" "$@" --dry-run --export) || :
        found=$(printf '%s\n' "$told" | awk -F, -v topic="$SHARD" '$1 == topic { print $3 }')
        [ -z "$found" ] || break
        tries=$((tries - 1))
        if [ "$tries" = 0 ]; then
            printf '%s\n' "$told" >&2
            return 1
        fi
        sleep 1
    done
    echo "$found"
}

# at SECONDS: the offset of the first metric that Kafka got so long after the file was written, or later.
at() {
    offset --to-datetime "$(date -u -d "@$((written + $1))" +%Y-%m-%dT%H:%M:%S.000)"
}

# Says group, topic, partition, offset, and more; "-" where none was read.
said=$(group --describe) || :
now=$(printf '%s\n' "$said" | awk -v topic="$SHARD" '$2 == topic { print $4 }')
case $now in
    *[0-9]) ;;
    *) echo "$SHARD: nothing was read yet"; exit 0 ;;
esac
if [ -e "$state" ]; then
    written=$(stat -c %Y "$state")
    read_by_then=$(at 1)
    if [ "$now" -le "$read_by_then" ]; then
        back=$(at -2)
    else
        back=$(at "-$slack")
    fi
else
    back=$(offset --by-duration "$cold")
fi
if [ "$back" -lt "$now" ]; then
    group --reset-offsets --topic "$SHARD" --to-offset "$back" --execute
    echo "$SHARD: $((now - back)) metrics are read again"
else
    echo "$SHARD: goes on where it was"
fi
