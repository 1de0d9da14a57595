# shellcheck shell=bash
# For scripts/check: which files there are, and how a finding is told (file:line: what; remedy).

found=0

# finding FILE:LINE WHAT REMEDY
finding()
{
    printf '%s: %s\n    %s\n' "$1" "$2" "$3"
    found=$((found + 1))
}

conclude() { ((found == 0)) || die "$found found; see above."; }

# Files of the tree as git sees it, new ones too, by pattern; none that are generated or installed.
tracked()
{
    git -C "$ROLLCALL_ROOT" ls-files --cached --others --exclude-standard -- "$@" | sort --unique |
        while IFS= read -r file; do
            if [[ -f $ROLLCALL_ROOT/$file ]]; then say "$file"; fi
        done
}

cpp_files() { tracked '*.cpp' '*.hpp'; }

# each_match REGEX WHAT REMEDY FILE...: a finding per matching line.
each_match()
{
    local regex=$1 what=$2 remedy=$3 match
    shift 3
    (($#)) || return 0
    while IFS= read -r match; do
        finding "$(cut -d : -f 1,2 <<<"$match")" "$what: $(cut -d : -f 3- <<<"$match" | sed 's/^ *//')" "$remedy"
    done < <(
        cd "$ROLLCALL_ROOT" || exit
        grep --line-number --with-filename --perl-regexp -e "$regex" -- "$@" || true
    )
}
