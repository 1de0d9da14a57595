#!/bin/sh
# Installs the Rollcall agent on this machine and enrols it with the token on standard input. A collector of Rollcall
# has filled in itself, its key and the files of its newest release: nothing that differs from them is installed.
set -eu
PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin:$PATH

collector='@ADDRESS@'
pin='@PIN@'
version='@VERSION@'
missing='@MISSING@'
# kind architecture bytes SHA-256 name
files='@FILES@'

identity=/var/lib/rollcall-agent/identity.json
settings=/etc/rollcall-agent
token_file=$settings/token
# So rollcall-agent enrol ends where another try with this token would change nothing.
final_codes='2 4 5'

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

# Installed again after it was removed, it is the same device.
check_identity()
{
    [ -e "$identity" ] || return 0
    grep -qF "\"address\":\"$collector\"" "$identity" ||
        die "this machine is enrolled with another collector ($identity). To give it to this one, install the agent if it is not there, and: echo TOKEN | rollcall-agent enrol --replace --token-file -"
    has rollcall-agent || return 0
    printf 'This machine is enrolled with this collector already; nothing was changed. To give it to another customer: echo TOKEN | rollcall-agent enrol --replace --token-file -\n'
    exit 0
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

# rpm and dpkg are also tools on systems of the other kind.
rules_by_rpm() { has rpm && { has dnf || has yum || has zypper || ! has dpkg; }; }

# What the system's own package manager takes, otherwise the archive.
choose_file()
{
    if has dpkg && has apt-get && find_file deb; then return 0; fi
    if rules_by_rpm && find_file rpm; then return 0; fi
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

install_rpm()
{
    if has dnf; then
        dnf install --assumeyes --nogpgcheck "$1"
    elif has yum; then
        yum install --assumeyes --nogpgcheck "$1"
    elif has zypper; then
        zypper --non-interactive --no-gpg-checks install --allow-unsigned-rpm "$1"
    else
        rpm --upgrade --replacepkgs "$1"
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
    die "the agent could not be installed; what stands above says why."
}

# The last thing that the agent said, without its name.
reason_of() { sed -n 's/^rollcall-agent: \(enrol: \)*//p' "$1" | tail -n 1; }

# not_enrolled CODE: a token that is no good must not lie about.
not_enrolled()
{
    why=$(reason_of "$folder/said")
    for code in $final_codes; do
        [ "$1" != "$code" ] || {
            rm -f "$token_file"
            die "the agent is installed, but this machine is not enrolled: ${why:-the token was refused.}"
        }
    done
    has_systemd || die "the agent is installed, but this machine is not enrolled: ${why:-it ended with $1}. To try again: rollcall-agent enrol --token-file $token_file"
    die "the agent is installed, but this machine is not enrolled yet: ${why:-journalctl -u rollcall-agent-enrol says why}. It tries again by itself each minute."
}

# By the service that also destroys the token, so that it goes on trying where the collector is away for now.
enrol_by_service()
{
    unit=rollcall-agent-enrol.service
    systemctl reset-failed "$unit" 2>/dev/null || true
    if systemctl start "$unit" >/dev/null 2>&1 && [ -e "$identity" ]; then return 0; fi
    journalctl --sync 2>/dev/null || true
    journalctl --unit "$unit" --lines 20 --output cat --no-pager >"$folder/said" 2>/dev/null || true
    not_enrolled "$(systemctl show --property ExecMainStatus "$unit" | cut -d = -f 2)"
}

enrol_here()
{
    code=0
    rollcall-agent enrol --token-file "$token_file" >"$folder/said" 2>&1 || code=$?
    [ "$code" = 0 ] || not_enrolled "$code"
    rm -f "$token_file"
    if [ -x /etc/init.d/rollcall-agent ]; then /etc/init.d/rollcall-agent restart >/dev/null; fi
}

# Only now: packages would enrol with the token themselves, but not where they are installed already.
enrol()
{
    printf 'Installed; enrolling this machine ...\n'
    leave_token
    if has_systemd; then enrol_by_service; else enrol_here; fi
}

tell()
{
    if has_systemd || [ -x /etc/init.d/rollcall-agent ]; then
        printf 'Done: this machine is enrolled%s, and its agent %s runs.\n' "$1" "$version"
    else
        printf 'Done: this machine is enrolled%s. There is no systemd here: see that "rollcall-agent run" is started at boot.\n' "$1"
    fi
}

main()
{
    check_machine
    read_token
    check_identity
    choose_file
    fetch
    install_agent
    if [ -e "$identity" ]; then
        tell " as before"
    else
        enrol
        tell ""
    fi
}

main
