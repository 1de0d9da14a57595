#!/bin/sh
# Installs or upgrades the Rollcall agent on this Mac, from the folder in which this script lies. Does the same as the
# package does, without Apple's installer.
set -eu
PATH=/usr/bin:/bin:/usr/sbin:/sbin

home='@HOME@'
minimum=@MINIMUM@
token_file=

usage()
{
    cat <<END
Usage: sudo ./install.sh [--token-file FILE] [--help]

Puts the agent into $home and has launchd run it.

  --token-file FILE  enrols with the token in it; - reads it from the input. A file of yours stays where it is.
                     Not needed where this Mac is enrolled, or a token lies in $home/token.

Ends with 0 when it is installed; where the collector cannot be reached it enrols later by itself. Ends with 5 when the
collector refused the token: the agent is installed then, and waits for another.
END
}

die()
{
    printf 'install.sh: %s\n' "$*" >&2
    exit 1
}

parse_arguments()
{
    while [ $# -gt 0 ]; do
        case $1 in
            --token-file)
                [ $# -gt 1 ] || die "--token-file wants a value; see --help."
                token_file=$2
                shift 2
                ;;
            --help | -h)
                usage
                exit 0
                ;;
            *) die "unknown argument: $1; see --help." ;;
        esac
    done
}

check_first()
{
    [ "$(uname -s)" = Darwin ] || die "this is the agent for macOS, and this system is $(uname -s)."
    [ "$(id -u)" = 0 ] || die "installing wants root: sudo ./install.sh"
    version=$(sw_vers -productVersion)
    [ "${version%%.*}" -ge "$minimum" ] || die "macOS $version is too old: the agent wants $minimum or newer."
    [ -z "$token_file" ] || [ "$token_file" = - ] || [ -r "$token_file" ] || die "$token_file cannot be read."
    for file in rollcall-agent enrol preinstall postinstall uninstall.sh com.rollcall.agent.plist com.rollcall.agent.enrol.plist; do
        [ -f "$here/$file" ] || die "$file is missing beside install.sh: unpack the whole archive."
    done
}

# put MODE FILE TARGET: swapped in one step, so that nothing ever starts half a program.
put()
{
    install -o 0 -g 0 -m "$1" "$here/$2" "$3.new"
    mv -f "$3.new" "$3"
}

put_files()
{
    for folder in "$home" "$home/bin"; do
        mkdir -p "$folder"
        chown 0:0 "$folder"
        chmod 755 "$folder"
    done
    # What a browser fetched is marked, and launchd would not start it.
    xattr -d com.apple.quarantine "$here/rollcall-agent" 2>/dev/null || true
    put 755 rollcall-agent "$home/bin/rollcall-agent"
    put 755 enrol "$home/bin/enrol"
    put 755 uninstall.sh "$home/bin/uninstall.sh"
    put 644 com.rollcall.agent.plist /Library/LaunchDaemons/com.rollcall.agent.plist
    put 644 com.rollcall.agent.enrol.plist /Library/LaunchDaemons/com.rollcall.agent.enrol.plist
}

put_token()
{
    [ -n "$token_file" ] || return 0
    rm -f "$home/token.refused"
    (
        umask 077
        # Its name is the sign for launchd: it comes last.
        if [ "$token_file" = - ]; then cat; else cat "$token_file"; fi >"$home/token.new"
        mv -f "$home/token.new" "$home/token"
    )
}

parse_arguments "$@"
here=$(cd "$(dirname "$0")" && pwd -P)
check_first
"$here/preinstall"
put_files
put_token
"$here/postinstall"
[ ! -f "$home/token.refused" ] || exit 5
