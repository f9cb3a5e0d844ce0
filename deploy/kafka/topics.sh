#!/bin/sh
# Makes the topics of the shards, those that are not there yet:
#
#   KAFKA=kafka-1:9092 topics.sh SHARDS [REPLICAS [HOURS]]
#
# One topic for each shard, brewcast-0 and on, of one partition: Telegraf cannot be told to read one partition of
# several. REPLICAS is 3 where it is not given, HOURS how long Kafka keeps them, 48: a shard that is away for
# longer loses metrics, and a replay reaches back no farther. It needs kafka-topics.sh on the PATH or in
# /opt/kafka/bin, where the image has it.
set -eu
shards=${1:?how many shards?}
replicas=${2:-3}
hours=${3:-48}
PATH=$PATH:/opt/kafka/bin

# What was acknowledged is on two brokers, and one of three may be away.
in_sync=1
[ "$replicas" -lt 3 ] || in_sync=2

shard=0
while [ "$shard" -lt "$shards" ]; do
    kafka-topics.sh --bootstrap-server "$KAFKA" --create --if-not-exists --topic "brewcast-$shard" \
        --partitions 1 --replication-factor "$replicas" --config "retention.ms=$((hours * 3600000))" \
        --config "min.insync.replicas=$in_sync"
    shard=$((shard + 1))
done
