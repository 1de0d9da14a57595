# shellcheck shell=bash
# Building: presets and the page. Whatever is up to date is skipped.

WEB_DIR=$ROLLCALL_ROOT/collector/view/web
PAGE_DIR=$WEB_DIR/dist

# configure PRESET
configure()
{
    local options=(-DROLLCALL_WERROR=OFF)
    # Not with g++ 12's AddressSanitizer, which makes it see bounds overrun and uninitialised members where there are none.
    if [[ ${CI:-} == true && $1 != asan-gcc ]]; then options=(-DROLLCALL_WERROR=ON); fi
    # Who never built here waits for all of it once; a build folder that somebody works in stays as it is.
    if [[ $1 == @(dev|release) && ! ${ROLLCALL_LONG:-} && ! -f $BUILD_DIR/$1/CMakeCache.txt ]]; then
        options+=(-DCMAKE_UNITY_BUILD=ON -DCMAKE_UNITY_BUILD_BATCH_SIZE=16)
    fi
    if [[ ${ROLLCALL_BENCH:-} ]]; then options+=("-DROLLCALL_BENCH=$ROLLCALL_BENCH"); fi
    case $1 in
        portable) options+=("-DROLLCALL_DEPS=$("$ROLLCALL_ROOT/scripts/deps" linux --prefix)") ;;
        windows | macos-*) options+=("-DROLLCALL_DEPS=$("$ROLLCALL_ROOT/scripts/deps" "$1" --prefix)") ;;
    esac
    case $1 in
        # What the tests sign, their programs take; what is made for others never has that key.
        dev | asan* | tsan | fuzz | tidy | windows)
            options+=("-DROLLCALL_UPDATE_KEY=$(<"$ROLLCALL_ROOT/tests/fixtures/release/test-key.pub")")
            ;;
        *) if [[ ${ROLLCALL_UPDATE_KEY:-} ]]; then options+=("-DROLLCALL_UPDATE_KEY=$ROLLCALL_UPDATE_KEY"); fi ;;
    esac
    if [[ $1 == fuzz ]]; then options+=("-DROLLCALL_FUZZ_SECONDS=${ROLLCALL_FUZZ_SECONDS:-10}"); fi
    quietly "$BUILD_DIR/log/$1-configure.log" cmake -S "$ROLLCALL_ROOT" --preset "$1" "${options[@]}" ||
        die "cmake could not configure the preset $1; its words stand above."
}

# make_deps SYSTEM: the libraries of another system.
make_deps()
{
    quietly "$BUILD_DIR/log/deps-$1.log" "$ROLLCALL_ROOT/scripts/deps" "$1" ||
        die "the libraries for $1 could not be made; the reason stands above."
}

# build PRESET TARGET...: no target means all.
build()
{
    local preset=$1 targets=()
    shift
    if (($#)); then targets=(--target "$@"); fi
    configure "$preset"
    quietly "$BUILD_DIR/log/$preset-build.log" \
        cmake --build "$BUILD_DIR/$preset" --parallel "$JOBS" "${targets[@]}" ||
        die "the preset $preset does not build; the compiler's words stand above."
}

# What the page is made from, as one hash.
page_inputs()
{
    local openapi=$1
    {
        cat "$openapi"
        find "$WEB_DIR" \( -name node_modules -o -name dist -o -name schema.d.ts \) -prune -o -type f -print0 |
            sort --zero-terminated | xargs --null cat
    } | sha256sum | cut -d ' ' -f 1
}

# build_page COLLECTOR: the page in PAGE_DIR, its types made from what that collector says its API is.
build_page()
{
    local collector=$1 openapi=$BUILD_DIR/openapi.json stamp=$BUILD_DIR/page.stamp inputs
    npm_install "$WEB_DIR"
    "$collector" openapi >"$openapi"
    inputs=$(page_inputs "$openapi")
    if [[ -f $PAGE_DIR/index.html && $(cat "$stamp" 2>/dev/null) == "$inputs" ]]; then return 0; fi
    quietly "$BUILD_DIR/log/page.log" env ROLLCALL_OPENAPI="$openapi" npm --prefix "$WEB_DIR" run build ||
        die "the page does not build; the reason stands above."
    say "$inputs" >"$stamp"
}
