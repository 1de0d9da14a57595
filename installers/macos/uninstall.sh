#!/bin/sh
# Takes the Rollcall agent off this Mac, however it was installed.
set -eu
PATH=/usr/bin:/bin:/usr/sbin:/sbin

home='@HOME@'
state='@STATE@'

usage()
{
    cat <<END
Usage: sudo '$home/bin/uninstall.sh' [--purge] [--help]

Ends the agent and removes its program and its jobs. The identity stays, so that the same device comes back when the agent
is installed again.

  --purge  removes the identity, what was not sent yet, logs and tokens, too. At the collector the device is offline then:
           revoke it there.
END
}

die()
{
    printf 'uninstall.sh: %s\n' "$*" >&2
    exit 1
}

case ${1:-} in
    '' | --purge) ;;
    --help | -h)
        usage
        exit 0
        ;;
    *) die "unknown argument: $1; see --help." ;;
esac
[ "$(id -u)" = 0 ] || die "uninstalling wants root: sudo '$0'"
for job in com.rollcall.agent.enrol com.rollcall.agent; do
    launchctl bootout "system/$job" >/dev/null 2>&1 || true
    rm -f "/Library/LaunchDaemons/$job.plist"
done
rm -rf "${home:?}/bin"
# Of an installation from the archive there is no receipt.
pkgutil --forget com.rollcall.agent >/dev/null 2>&1 || true
if [ "${1:-}" = --purge ]; then
    rm -rf "$state"
    rm -rf "$home"
    echo "rollcall-agent: nothing of it is left on this Mac."
else
    echo "rollcall-agent: removed. The identity stays in $state; --purge removes it, too."
fi
