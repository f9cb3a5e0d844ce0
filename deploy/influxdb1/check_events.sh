#!/bin/sh
# Alert by InfluxQL: the events that are open now, as a check in the manner of Nagios, Icinga or cron.
#
#   INFLUX_HOST=http://127.0.0.1:8086 check_events.sh [DATABASE]
#
# Exit status 0: none is open; 2: these are, one a line; 3: the database does not answer. It needs curl, and
# works with InfluxDB 1 and with the 1.x interface of InfluxDB 2. What opens it comes from the environment:
# INFLUX_USER and INFLUX_PASSWORD, or INFLUX_TOKEN.
set -u
database=${1:-brew}
host=${INFLUX_HOST:-http://127.0.0.1:8086}

# `field` is a keyword: it stands in double quotes, always. GROUP BY * keeps each series apart.
query='SELECT "kind", "peak_score", "reason" FROM (
    SELECT last("active") AS "active", "kind", "peak_score", "reason" FROM /_event$/
    WHERE time > now() - 7d GROUP BY *) WHERE "active" = 1 GROUP BY *'

# By way of a file descriptor, so that no secret is on a command line for `ps` to show.
secrets() {
    [ -z "${INFLUX_TOKEN:-}" ] || printf 'header = "Authorization: Token %s"\n' "$INFLUX_TOKEN"
    [ -z "${INFLUX_USER:-}" ] || printf 'user = "%s:%s"\n' "$INFLUX_USER" "${INFLUX_PASSWORD:-}"
}

answer=$(secrets | curl --silent --show-error --fail --max-time 10 --config - \
    --header 'Accept: application/csv' --data-urlencode "db=$database" --data-urlencode "q=$query" \
    --data-urlencode epoch=s "$host/query") || { echo 'UNKNOWN: the database does not answer'; exit 3; }
case $answer in
    *error*) printf 'UNKNOWN: %s\n' "$answer"; exit 3 ;;
    name,*) ;;
    *) echo 'OK: no event is open'; exit 0 ;;
esac
open=$(printf '%s\n' "$answer" | grep -vc '^name,')
printf 'CRITICAL: %s open\n' "$open"
printf '%s\n' "$answer" | grep -v '^name,'
exit 2
