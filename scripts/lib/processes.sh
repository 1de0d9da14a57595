# shellcheck shell=bash
# Starting, watching and stopping the programs that a script runs.

# port_is_taken PORT: does something answer on the loopback there?
port_is_taken() { (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null; }

is_running() { kill -0 "$1" 2>/dev/null; }

# wait_until SECONDS COMMAND...: true as soon as the command is.
wait_until()
{
    local end=$((SECONDS + $1))
    shift
    until "$@"; do
        ((SECONDS < end)) || return 1
        sleep 0.1
    done
}

has_ended() { ! is_running "$1"; }

# stop_process NAME PID: asks, waits, and only then forces; says how it went.
stop_process()
{
    local name=$1 pid=$2 status=0
    is_running "$pid" || return 0
    kill -TERM "$pid"
    if ! wait_until 15 has_ended "$pid"; then
        kill -KILL "$pid" 2>/dev/null || true
        say "$name did not stop within 15 s and was killed."
        return 1
    fi
    wait "$pid" || status=$?
    if ((status)); then
        say "$name stopped with exit code $status."
        return 1
    fi
    say "$name stopped."
}
