# shellcheck shell=bash
# One ctest over everything: the tests of each preset under the preset's label, and those that are scripts.

SUITE_DIR=$BUILD_DIR/test
# What a test takes of ctest's places. There are two for each core, and one more for a test in the sandbox, of which
# there is one at a time and which mostly waits.
readonly CORE="PROCESSORS 2"
readonly SUITE_PLACES=$((2 * JOBS + 1))

# Makes "ctest" lines of another build folder's tests: "asan/spool" with the label asan before its own labels.
# shellcheck disable=SC2016
readonly SUITE_JQ='
def quoted: "[==[" + . + "]==]";
def property($name): (.properties // [])[] | select(.name == $name) | .value;
.tests[] | select(.command) |
  ($preset + "/" + .name) as $name |
  ([property("LABELS")] | flatten) as $own |
  "add_test(" + ($name | quoted) + " " + ([$prefix[], .command[], $more[]] | map(quoted) | join(" ")) + ")",
  "set_tests_properties(" + ($name | quoted) + " PROPERTIES LABELS " + ([$preset] + $own | join(";") | quoted) +
  " TIMEOUT " + ((([property("TIMEOUT")][0] // 120) * ($slower | tonumber)) | tostring) + " " + $core + " " +
  $properties +
  " WORKING_DIRECTORY " + ([property("WORKING_DIRECTORY")][0] | quoted) + ")"'

targets_with_label()
{
    ctest --test-dir "$1" --show-only=json-v1 --label-regex "^$2\$" |
        jq --raw-output '.tests[] | .name + "_test"'
}

as_json() { jq --null-input --compact-output '$ARGS.positional' --args -- "$@"; }

# add_preset LABEL FOLDER SLOWER [CTEST_ARGUMENT...] [-- PREFIX...]
#   every word of more_words goes to each test, after its own; more_properties are ctest's
add_preset()
{
    local label=$1 folder=$2 slower=$3 arguments=()
    shift 3
    while (($#)) && [[ $1 != -- ]]; do
        arguments+=("$1")
        shift
    done
    if (($#)); then shift; fi
    ctest --test-dir "$folder" --show-only=json-v1 "${arguments[@]}" |
        jq --raw-output --arg preset "$label" --arg slower "$slower" --arg core "$CORE" \
            --arg properties "$more_properties" "$SUITE_JQ" \
            --argjson prefix "$(as_json "$@")" --argjson more "$(as_json "${more_words[@]}")"
}

# add_command LABEL NAME TIMEOUT PROPERTIES COMMAND...
add_command()
{
    local name=$1/$2 label=$1 timeout=$3 properties=$4
    shift 4
    printf 'add_test([==[%s]==]' "$name"
    printf ' [==[%s]==]' "$@"
    printf ')\n'
    printf 'set_tests_properties([==[%s]==] PROPERTIES LABELS %s TIMEOUT %s SKIP_RETURN_CODE 77 %s)\n' \
        "$name" "$label" "$timeout" "$properties"
}

# clang-tidy takes the longest of all, a core for each folder of the product, and is better not the last to begin.
add_checks()
{
    local check name folder
    for check in "$ROLLCALL_ROOT"/scripts/check/*; do
        name=${check##*/}
        case $name in
            all) ;;
            tidy)
                if [[ ${ROLLCALL_LONG:-} ]]; then
                    add_command check tidy 3600 "COST 1000 PROCESSORS $((2 * JOBS))" "$check"
                else
                    for folder in $("$check" --folders); do
                        add_command check "tidy_$folder" 1200 "COST 1000 $CORE" "$check" "$folder"
                    done
                fi
                ;;
            *) add_command check "$name" 600 "$CORE" "$check" ;;
        esac
    done
}

add_web()
{
    add_command web unit 300 "$CORE" npm --prefix "$WEB_DIR" test
}

# In the sandbox, where one goes at a time, before what only computes. What measures times as a person sees them runs
# with nothing beside it.
add_machine_tests()
{
    local label=$1 file how
    for file in "$ROLLCALL_ROOT/tests/$label"/*.test.mjs; do
        how="RESOURCE_LOCK sandbox COST 500"
        case $label/${file##*/} in
            scripts/run.* | browser/live.* | browser/organisation.*) how="RUN_SERIAL ON" ;;
        esac
        add_command "$label" "$(basename "$file" .test.mjs)" 900 "$how" \
            "$ROLLCALL_ROOT/tests/device/sandbox" node --test --test-reporter=spec "$file"
    done
}

# Under Wine, which is brought up before the first test and ended after the last.
add_windows()
{
    local wine=$ROLLCALL_ROOT/tests/windows/wine more_properties="FIXTURES_REQUIRED wine"
    add_command windows up 120 "FIXTURES_SETUP wine" "$wine" --up
    add_preset windows "$BUILD_DIR/windows" 3
    add_machine_tests windows
    add_command windows down 60 "FIXTURES_CLEANUP wine" "$wine" --down
}

# These look into files only, but for the parsers of what macOS answers.
add_macos()
{
    local file
    add_command macos parsers 300 "$CORE" "$BUILD_DIR/dev/tests/platform/platform_test" '--source-file=*tests/platform/macos/*'
    for file in "$ROLLCALL_ROOT"/tests/macos/*.test.mjs; do
        add_command macos "$(basename "$file" .test.mjs)" 300 "$CORE" node --test --test-reporter=spec "$file"
    done
}

suite_tests()
{
    local more_words=() more_properties=""
    if wants dev; then add_preset dev "$BUILD_DIR/dev" 1; fi
    if wants asan; then add_preset asan "$BUILD_DIR/asan" 4; fi
    if wants asan-gcc; then add_preset asan-gcc "$BUILD_DIR/asan-gcc" 4; fi
    # ThreadSanitizer wants its shadow memory where a randomised address space may already have put something. How much
    # a text holds is nothing to it, but takes it ten times as long.
    if wants tsan; then
        more_words=("--test-case-exclude=*hundred thousand*,*100?000*,*hostile*")
        add_preset tsan "$BUILD_DIR/tsan" 10 -L '^threads$' -- setarch --addr-no-randomize
        more_words=()
    fi
    if wants fuzz; then add_preset fuzz "$BUILD_DIR/fuzz/tests/fuzz" 1; fi
    if wants check; then add_checks; fi
    if wants web; then add_web; fi
    if wants scripts; then add_machine_tests scripts; fi
    if wants device; then add_machine_tests device; fi
    if wants browser; then add_machine_tests browser; fi
    if wants linux; then add_machine_tests linux; fi
    if wants windows; then add_windows; fi
    if wants macos; then add_macos; fi
}

write_suite()
{
    mkdir -p "$SUITE_DIR"
    suite_tests >"$SUITE_DIR/CTestTestfile.cmake"
}
