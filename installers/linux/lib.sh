# shellcheck shell=bash
# What the packages of the agent for Linux are made alike; sourced after scripts/lib/common.sh.

source "$ROLLCALL_ROOT/scripts/lib/packages.sh"

# Units, manual page and copyright are the same in all of them.
# shellcheck disable=SC2034
readonly DEBIAN=$ROLLCALL_ROOT/installers/debian

output=$BUILD_DIR/packages
agent=$BUILD_DIR/portable/bin/rollcall-agent
version=
work=

usage_of_arguments()
{
    cat <<END
  --output DIR  where it goes (default: $output)
  --agent FILE  the agent's program (default: $agent)
  --version V   its version (default: that of CMakeLists.txt)
  --help        this text
END
}

# parse_arguments "OPTION..." ARGUMENT...: each option is a variable of its name.
parse_arguments()
{
    local options=" $1 " name
    shift
    while (($#)); do
        case $1 in
            --help | -h)
                usage
                exit 0
                ;;
        esac
        name=${1#--}
        [[ $1 == --* && $options == *" $name "* ]] || die "unknown argument: $1; see --help."
        (($# > 1)) || die "$1 wants a value; see --help."
        printf -v "$name" %s "$2"
        shift 2
    done
}

# check_first TOOL:PACKAGE...
check_first()
{
    local tool
    for tool in "$@"; do have "${tool%:*}" || die "${tool%:*} is missing: install the Debian package ${tool#*:}."; done
    [[ -x $agent ]] || die "$agent is missing; build it with installers/linux/build-agent, or name another with --agent."
    version=${version:-$(project_version)}
    [[ $version =~ ^[0-9]+[.][0-9]+[.][0-9]+$ ]] || die "--version wants three numbers, as in 0.1.0, not '$version'."
}

project_version() { sed --quiet 's/^project(rollcall VERSION \([^ ]*\) .*/\1/p' "$ROLLCALL_ROOT/CMakeLists.txt"; }

# The commit's time is that of every file.
use_source_date()
{
    SOURCE_DATE_EPOCH=${SOURCE_DATE_EPOCH:-$(git -C "$ROLLCALL_ROOT" log -1 --format=%ct)}
    export SOURCE_DATE_EPOCH
}

make_work_folder()
{
    umask 022
    mkdir -p "$output"
    output=$(realpath "$output")
    work=$(mktemp --directory)
    trap 'rm -rf "$work"' EXIT
}

# Those of the libraries that the programs carry in themselves.
library_copyrights()
{
    local package
    for package in "${RUN_PACKAGES[@]}"; do
        if [[ $package != lib*-dev || ! -f /usr/share/doc/$package/copyright ]]; then continue; fi
        printf -- '--- %s\n\n' "$package"
        cat "/usr/share/doc/$package/copyright"
    done
}
