#!/bin/sh
# Installs the Rollcall agent on this Mac and enrols it with the token on standard input. A collector of Rollcall has
# filled in itself, its key and the files of its newest release: nothing that differs from them is installed.
set -eu
PATH=/usr/bin:/bin:/usr/sbin:/sbin

collector='@ADDRESS@'
pin='@PIN@'
version='@VERSION@'
missing='@MISSING@'
# kind architecture bytes SHA-256 name
files='@FILES@'

home='/Library/Application Support/Rollcall'
identity="$home/rollcall-agent/data/identity.json"
enrol_limit_s=90

die()
{
    printf 'rollcall: %s\n' "$*" >&2
    exit 1
}

check_machine()
{
    [ "$(uname -s)" = Darwin ] || die "this is the line for macOS, and this system is $(uname -s): take the one of its own tab."
    [ "$(id -u)" = 0 ] || die "only root can install: run the line with sudo."
    [ -z "$missing" ] || die "$missing"
    case $(uname -m) in
        x86_64) architecture=x86_64 ;;
        arm64) architecture=arm64 ;;
        *) die "there is no agent for this Mac's architecture: $(uname -m)." ;;
    esac
}

read_token()
{
    [ ! -t 0 ] || die "no token on standard input: copy the whole line from the collector's page."
    token=$(cat)
    case $token in
        rc1.*[!A-Za-z0-9._-]* | rc1.) die "what came on standard input is no token: copy the whole line from the collector's page." ;;
        rc1.*) ;;
        *) die "what came on standard input is no token: copy the whole line from the collector's page." ;;
    esac
}

# Installed again after it was removed, it is the same device.
check_identity()
{
    [ -e "$identity" ] || return 0
    grep -qF "\"address\":\"$collector\"" "$identity" ||
        die "this Mac is enrolled with another collector. To give it to this one, install the agent if it is not there, and: echo TOKEN | sudo '$home/bin/rollcall-agent' enrol --replace --token-file -"
    [ -x "$home/bin/rollcall-agent" ] || return 0
    printf "This Mac is enrolled with this collector already; nothing was changed. To give it to another customer: echo TOKEN | sudo '%s/bin/rollcall-agent' enrol --replace --token-file -\n" "$home"
    exit 0
}

# The archive with its own script: it does what Apple's installer would do, and says more. Sets name, bytes and sha256.
choose_file()
{
    while read -r kind made_for bytes sha256 name; do
        [ "$kind" = tar.gz ] || continue
        case $made_for in universal | "$architecture") return 0 ;; esac
    done <<END
$files
END
    die "release $version has no archive for this Mac ($architecture): ask whoever looks after the collector for one that has."
}

fetch()
{
    folder=$(mktemp -d)
    trap 'rm -rf "$folder"' EXIT
    trap 'exit 1' HUP INT TERM
    printf 'Fetching %s from %s ...\n' "$name" "$collector"
    curl --fail --silent --show-error --insecure --proto '=https' --pinnedpubkey "sha256//$pin" --max-filesize "$bytes" \
        --retry 3 --connect-timeout 20 --output "$folder/$name" "https://$collector/install/files/$sha256/$name" ||
        die "the agent could not be fetched; curl said why."
    [ "$(wc -c <"$folder/$name")" -eq "$bytes" ] || die "$name has not the size that the collector told: run the line again."
    printf '%s  %s\n' "$sha256" "$folder/$name" | shasum -a 256 -c - >/dev/null 2>&1 ||
        die "$name is not what the collector told (its SHA-256 differs): it is not installed."
}

install_agent()
{
    mkdir "$folder/unpacked"
    tar -xzf "$folder/$name" -C "$folder/unpacked"
    script=$folder/unpacked/install.sh
    [ -f "$script" ] || script=$(echo "$folder"/unpacked/*/install.sh)
    code=0
    if [ -e "$identity" ]; then
        sh "$script" || code=$?
    else
        printf '%s\n' "$token" | sh "$script" --token-file - || code=$?
    fi
    case $code in
        0) ;;
        5) die "the agent is installed, but this Mac is not enrolled; what stands above says why." ;;
        *) die "the agent could not be installed; what stands above says why." ;;
    esac
}

wait_until_enrolled()
{
    waited_s=0
    while [ ! -e "$identity" ]; do
        [ "$waited_s" -lt "$enrol_limit_s" ] ||
            die "the agent is installed, but after $enrol_limit_s s this Mac is not enrolled. It tries again by itself; $home/enrol.log says why."
        sleep 1
        waited_s=$((waited_s + 1))
    done
}

main()
{
    check_machine
    read_token
    check_identity
    choose_file
    fetch
    install_agent
    wait_until_enrolled
    printf 'Done: this Mac is enrolled, and its agent %s runs.\n' "$version"
}

main
