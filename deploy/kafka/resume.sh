#!/bin/sh
# Before a shard starts: has it read again what its brewcast has not learnt, or does not know any more.
#
#   KAFKA=kafka-1:9092 SHARD=brewcast-0 resume.sh [STATE [COLD [SLACK]]]
#
# Kafka counts a metric as read when brewcast gets it; what was learnt is on disk up to a minute later. So a
# shard that was killed goes back to the time of its state file, less SLACK seconds (20), in which it was
# made. What comes twice then is late for brewcast: it passes, and teaches nothing. Without a state file the
# shard goes back by COLD (PT1H), to be warm at once. It never goes forward, and one that has read nothing yet
# begins with all that there is.
#
# It waits until Kafka has given up the Telegraf that was killed, some ten seconds. It needs
# kafka-consumer-groups.sh on the PATH or in /opt/kafka/bin, where the image has it.
set -eu
state=${1:-/var/lib/telegraf/brewcast/$SHARD.state}
cold=${2:-PT1H}
slack=${3:-20}
PATH=$PATH:/opt/kafka/bin

if [ -e "$state" ]; then
    seconds=$(($(stat -c %Y "$state") - slack))
    where="--to-datetime $(date -u -d "@$seconds" +%Y-%m-%dT%H:%M:%S.000)"
else
    where="--by-duration $cold"
fi

group() {
    kafka-consumer-groups.sh --bootstrap-server "$KAFKA" --group "$SHARD" "$@" 2>&1
}

tries=60
while :; do
    # Says topic, partition, offset.
    # shellcheck disable=SC2086 # two words
    said=$(group --reset-offsets --topic "$SHARD" $where --dry-run --export) || :
    back=$(printf '%s\n' "$said" | awk -F, -v topic="$SHARD" '$1 == topic { print $3 }')
    [ -z "$back" ] || break
    tries=$((tries - 1))
    if [ "$tries" = 0 ]; then
        printf '%s\n' "$said" >&2
        exit 1
    fi
    sleep 1
done
# Says group, topic, partition, offset, and more; "-" where none was read.
said=$(group --describe) || :
now=$(printf '%s\n' "$said" | awk -v topic="$SHARD" '$2 == topic { print $4 }')
case $now in
    *[0-9]) ;;
    *) echo "$SHARD: nothing was read yet"; exit 0 ;;
esac
if [ "$back" -lt "$now" ]; then
    group --reset-offsets --topic "$SHARD" --to-offset "$back" --execute
    echo "$SHARD: $((now - back)) metrics are read again"
else
    echo "$SHARD: goes on where it was"
fi
