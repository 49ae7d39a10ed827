section "start"

stop live
stop corrupt
stop main
for run in first second; do
    begin=$(date +%s%N)
    start timed "$work/data-xz"
    note "$run start to 'listening': $((($(date +%s%N) - begin) / 1000000)) ms"
    stop timed
done

