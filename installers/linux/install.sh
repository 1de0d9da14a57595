#!/bin/sh
# Puts the Rollcall agent onto a Linux system that takes neither its Debian nor its rpm package, or takes it away.
set -eu

program=/usr/local/bin/rollcall-agent
units=/etc/systemd/system
manual=/usr/local/share/man/man8/rollcall-agent.8
settings=/etc/rollcall-agent
token=$settings/token
state=/var/lib/rollcall-agent
identity=$state/identity.json
here=$(cd "$(dirname "$0")" && pwd)

usage()
{
    cat <<END
Usage: ./install.sh [--token-file FILE] | --uninstall [--purge] | --help

Installs the agent, or a newer one over it, and has systemd run it.

  --token-file FILE  enrols the machine with the token in FILE, which is destroyed; - is standard input
  --uninstall        takes the agent away; the machine's identity stays in $state
  --purge            with that, too

Where systemd does not run, the program is installed and enrolled, and you are told what to start.
END
}

die()
{
    echo "install.sh: $*" >&2
    exit 1
}

has_systemd() { [ -d /run/systemd/system ]; }

# Where it is installed but does not run, in an image say, it starts the agent at the first boot.
has_systemctl() { command -v systemctl >/dev/null 2>&1; }

check()
{
    [ "$(id -u)" = 0 ] || die "only root can install it: run it with sudo."
    [ "$(uname -m)" = x86_64 ] || die "this archive is for x86_64; this machine is $(uname -m)."
    # The C library of some systems is older, of others (musl) another one.
    "$here/rollcall-agent" --version >/dev/null 2>&1 ||
        die "the program does not run here: it needs glibc 2.31 or newer (Alpine and other systems with musl have none)."
}

# Whole or not at all, also while the old program runs.
put()
{
    mkdir -p "$(dirname "$3")"
    cp "$2" "$3.new"
    chown root:root "$3.new"
    chmod "$1" "$3.new"
    mv -f "$3.new" "$3"
}

put_files()
{
    put 755 "$here/rollcall-agent" "$program"
    put 644 "$here/rollcall-agent.8" "$manual"
    if has_systemctl; then
        put 644 "$here/rollcall-agent.service" "$units/rollcall-agent.service"
        put 644 "$here/rollcall-agent-enrol.service" "$units/rollcall-agent-enrol.service"
    fi
    # Where SELinux judges by labels, those of the folders.
    if command -v restorecon >/dev/null 2>&1; then restorecon "$program" "$units"/rollcall-agent*.service || true; fi
}

# The token into the file of which the service enrols; whoever reads it can add a device with it.
take_token()
{
    [ -n "$token_file" ] || return 0
    mkdir -p "$settings"
    if [ "$token_file" = - ]; then
        (umask 077 && cat >"$token.new")
    else
        [ -r "$token_file" ] || die "$token_file cannot be read."
        (umask 077 && cat "$token_file" >"$token.new")
        if [ "$token_file" != "$token" ]; then shred -u "$token_file"; fi
    fi
    mv -f "$token.new" "$token"
}

guard_token()
{
    [ -f "$token" ] || return 0
    chown root:root "$token"
    chmod 600 "$token"
    if [ -e "$identity" ]; then
        shred -u "$token"
        echo "This machine is enrolled already; the token was not needed and is removed."
    fi
}

start_units()
{
    systemctl --quiet enable rollcall-agent-enrol.service rollcall-agent.service
    has_systemd || return 0
    systemctl daemon-reload
    if [ -f "$token" ]; then systemctl start rollcall-agent-enrol.service >/dev/null 2>&1 || true; fi
    systemctl restart rollcall-agent.service || true
}

# By hand, where nothing else would: what fails is said, and the token stays.
enrol_here()
{
    [ -f "$token" ] || return 0
    if "$program" enrol --token-file "$token"; then shred -u "$token"; fi
}

tell()
{
    if [ -e "$identity" ]; then
        echo "The agent is installed, and this machine is enrolled."
    elif [ -f "$token" ] && has_systemd; then
        echo "The agent is installed; this machine is not enrolled yet: journalctl -u rollcall-agent-enrol says why."
    elif [ -f "$token" ]; then
        echo "The agent is installed; this machine enrols with the token in $token."
    else
        echo "The agent is installed. With a token from the page (\"Add device\"):"
        echo "    echo TOKEN | rollcall-agent enrol --token-file -"
    fi
    has_systemctl || cat <<END
There is no systemd here: have your init system start, as root, at every boot and again when it ends,
    $program run --log-file /var/log/rollcall-agent.log
END
}

uninstall()
{
    if has_systemctl; then
        systemctl --quiet disable rollcall-agent-enrol.service rollcall-agent.service 2>/dev/null || true
        if has_systemd; then systemctl stop rollcall-agent-enrol.service rollcall-agent.service 2>/dev/null || true; fi
    fi
    rm -f "$program" "$manual" "$units/rollcall-agent.service" "$units/rollcall-agent-enrol.service"
    if has_systemd; then systemctl daemon-reload; fi
    if [ -f "$token" ]; then shred -u "$token"; fi
    if [ -n "$purge" ]; then
        rm -rf "$state" "$settings"
        rm -f /var/log/rollcall-agent.log /var/log/rollcall-agent.log.*
    elif [ -e "$identity" ]; then
        echo "This machine's identity stays in $state; installed again it is the same device."
    fi
}

token_file=
uninstalls=
purge=
while [ $# -gt 0 ]; do
    case $1 in
        --token-file)
            [ $# -gt 1 ] || die "--token-file wants a file, or - for standard input; see --help."
            token_file=$2
            shift
            ;;
        --uninstall) uninstalls=1 ;;
        --purge) purge=1 ;;
        --help | -h)
            usage
            exit 0
            ;;
        *) die "unknown argument: $1; see --help." ;;
    esac
    shift
done

if [ -n "$purge" ] && [ -z "$uninstalls" ]; then die "--purge goes with --uninstall; see --help."; fi
if [ -n "$uninstalls" ]; then
    [ "$(id -u)" = 0 ] || die "only root can take it away: run it with sudo."
    uninstall
else
    check
    take_token
    put_files
    guard_token
    if has_systemctl; then start_units; else enrol_here; fi
    tell
fi
