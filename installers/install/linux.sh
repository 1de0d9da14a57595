#!/bin/sh
# Installs the Rollcall agent on this machine and enrols it with the token on standard input. A collector of Rollcall
# has filled in itself, its key and the files of its newest release: nothing that differs from them is installed.
set -eu
PATH=/usr/sbin:/usr/bin:/sbin:/bin:$PATH

collector='@ADDRESS@'
pin='@PIN@'
version='@VERSION@'
missing='@MISSING@'
# kind architecture bytes SHA-256 name
files='@FILES@'

identity=/var/lib/rollcall-agent/identity.json
settings=/etc/rollcall-agent
token_file=$settings/token
enrol_limit_s=90

die()
{
    printf 'rollcall: %s\n' "$*" >&2
    exit 1
}

has() { command -v "$1" >/dev/null 2>&1; }

has_systemd() { [ -d /run/systemd/system ]; }

check_machine()
{
    [ "$(uname -s)" = Linux ] || die "this is the line for Linux, and this system is $(uname -s): take the one of its own tab."
    [ "$(id -u)" = 0 ] || die "only root can install: run the line with sudo, or as root."
    [ -z "$missing" ] || die "$missing"
    [ ! -e "$identity" ] || die "this machine is enrolled already ($identity). To give it to another collector or customer: rollcall-agent enrol --replace"
    case $(uname -m) in
        x86_64 | amd64) architecture=x86_64 ;;
        aarch64 | arm64) architecture=arm64 ;;
        *) die "there is no agent for this machine's architecture: $(uname -m)." ;;
    esac
    has curl || die "there is no curl here to fetch the agent with: install it, then run the line again."
    has sha256sum || die "there is no sha256sum here to check the agent with: install coreutils, then run the line again."
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

# find_file KIND: sets name, bytes and sha256.
find_file()
{
    while read -r kind made_for bytes sha256 name; do
        if [ "$kind" = "$1" ] && [ "$made_for" = "$architecture" ]; then return 0; fi
    done <<END
$files
END
    return 1
}

# What the system's own package manager takes, otherwise the archive.
choose_file()
{
    if has dpkg && has apt-get && find_file deb; then return 0; fi
    if ! has dpkg && has rpm && find_file rpm; then return 0; fi
    find_file tar.gz || die "release $version has no package for this machine ($architecture): ask whoever looks after the collector for one that has."
    kind=tar.gz
}

fetch()
{
    folder=$(mktemp -d)
    trap 'rm -rf "$folder"' EXIT
    trap 'exit 1' HUP INT TERM
    chmod 700 "$folder"
    printf 'Fetching %s from %s ...\n' "$name" "$collector"
    curl --fail --silent --show-error --insecure --proto '=https' --pinnedpubkey "sha256//$pin" --max-filesize "$bytes" \
        --retry 3 --connect-timeout 20 --output "$folder/$name" "https://$collector/install/files/$sha256/$name" ||
        die "the agent could not be fetched; curl said why."
    [ "$(wc -c <"$folder/$name")" -eq "$bytes" ] || die "$name has not the size that the collector told: run the line again."
    printf '%s  %s\n' "$sha256" "$folder/$name" | sha256sum --check --status ||
        die "$name is not what the collector told (its SHA-256 differs): it is not installed."
}

leave_token()
{
    mkdir -p "$settings"
    (umask 077 && printf '%s\n' "$token" >"$token_file.new")
    mv -f "$token_file.new" "$token_file"
}

# The token must not lie about on a machine that did not get its agent.
give_up()
{
    rm -f "$token_file"
    die "$1"
}

install_rpm()
{
    if has dnf; then
        dnf install --assumeyes --nogpgcheck "$1"
    elif has yum; then
        yum install --assumeyes --nogpgcheck "$1"
    elif has zypper; then
        zypper --non-interactive --no-gpg-checks install --allow-unsigned-rpm "$1"
    else
        rpm --upgrade "$1"
    fi
}

install_archive()
{
    mkdir "$folder/unpacked"
    tar -xzf "$1" -C "$folder/unpacked" || return 1
    script=$folder/unpacked/install.sh
    [ -f "$script" ] || script=$(echo "$folder"/unpacked/*/install.sh)
    sh "$script"
}

install_agent()
{
    case $kind in
        deb) DEBIAN_FRONTEND=noninteractive apt-get install --yes -q "$folder/$name" ;;
        rpm) install_rpm "$folder/$name" ;;
        *) install_archive "$folder/$name" ;;
    esac </dev/null >"$folder/said" 2>&1 && return 0
    cat "$folder/said" >&2
    give_up "the agent could not be installed; what stands above says why."
}

# Where no service does it.
enrol_here()
{
    if [ ! -f "$token_file" ]; then return 0; fi
    rollcall-agent enrol --token-file "$token_file" || give_up "the agent is installed, but this machine was not enrolled; what stands above says why."
    rm -f "$token_file"
}

wait_until_enrolled()
{
    printf 'Installed; waiting until this machine is enrolled ...\n'
    waited_s=0
    while [ ! -e "$identity" ]; do
        [ "$waited_s" -lt "$enrol_limit_s" ] || {
            journalctl --unit rollcall-agent-enrol --lines 5 --no-pager >&2 || true
            die "the agent is installed, but after $enrol_limit_s s this machine is not enrolled. It tries again by itself; journalctl -u rollcall-agent-enrol says why."
        }
        sleep 1
        waited_s=$((waited_s + 1))
    done
}

main()
{
    check_machine
    read_token
    choose_file
    fetch
    leave_token
    install_agent
    if has_systemd; then
        wait_until_enrolled
        printf 'Done: this machine is enrolled, and its agent %s runs.\n' "$version"
    else
        [ -e "$identity" ] || enrol_here
        printf 'Done: this machine is enrolled. There is no systemd here: see that "rollcall-agent run" is started at boot.\n'
    fi
}

main
