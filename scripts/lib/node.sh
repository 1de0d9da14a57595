# shellcheck shell=bash
# Node and npm as the page needs them. Debian 12's are too old, so where the system's do not do, both come from npm
# (scripts/node: exact versions with their hashes) into build/tools.

readonly NODE_MIN=20.19.0
readonly NPM_MIN=10.8.0
TOOLS_DIR=$BUILD_DIR/tools

# version_at_least WANTED SEEN
version_at_least() { [[ $(printf '%s\n%s\n' "$1" "$2" | sort --version-sort | head -n 1) == "$1" ]]; }

tool_version() { "$1" --version 2>/dev/null | tr -d v || say 0; }

node_is_good()
{
    have node && have npm || return 1
    version_at_least "$NODE_MIN" "$(tool_version node)" && version_at_least "$NPM_MIN" "$(tool_version npm)"
}

# use_node: afterwards `node` and `npm` on PATH are new enough.
use_node()
{
    export npm_config_cache=${npm_config_cache:-$BUILD_DIR/cache/npm}
    if node_is_good; then return 0; fi
    tools_are_fresh || install_tools
    export PATH=$TOOLS_DIR/bin:$PATH
    node_is_good || die "the node of $TOOLS_DIR/bin does not work; delete that folder and start again."
}

tools_are_fresh() { cmp --silent "$ROLLCALL_ROOT/scripts/node/package-lock.json" "$TOOLS_DIR/package-lock.json"; }

install_tools()
{
    have npm || die "npm is missing: install the Debian package npm, then start again."
    say "Installing Node and npm into ${TOOLS_DIR#"$ROLLCALL_ROOT"/}"
    rm -rf "$TOOLS_DIR"
    mkdir -p "$TOOLS_DIR/bin"
    cp "$ROLLCALL_ROOT"/scripts/node/{package.json,.npmrc} "$TOOLS_DIR/"
    cp "$ROLLCALL_ROOT/scripts/node/package-lock.json" "$TOOLS_DIR/package-lock.json.new"
    install_tools_by_npm
    # Last, so that a broken install is not taken for a fresh one.
    mv "$TOOLS_DIR/package-lock.json.new" "$TOOLS_DIR/package-lock.json"
}

install_tools_by_npm()
{
    local folder=$TOOLS_DIR/npm-install
    mkdir -p "$folder"
    cp "$ROLLCALL_ROOT"/scripts/node/{package.json,package-lock.json,.npmrc} "$folder/"
    quietly "$BUILD_DIR/log/node.log" npm ci --prefix "$folder" --ignore-scripts ||
        die "npm could not fetch Node; is a package registry reachable from here?"
    ln -s "$(echo "$folder"/node_modules/node-linux-*/bin/node)" "$TOOLS_DIR/bin/node"
    ln -s "$folder/node_modules/npm/bin/npm-cli.js" "$TOOLS_DIR/bin/npm"
    ln -s "$folder/node_modules/npm/bin/npx-cli.js" "$TOOLS_DIR/bin/npx"
}

# npm_install FOLDER: `npm ci`, unless node_modules is already what the lock file says.
npm_install()
{
    local folder=$1 stamp=$1/node_modules/.rollcall-lock
    if cmp --silent "$folder/package-lock.json" "$stamp"; then return 0; fi
    quietly "$BUILD_DIR/log/npm-$(basename "$folder").log" npm ci --prefix "$folder" ||
        die "npm ci failed in ${folder#"$ROLLCALL_ROOT"/}; is a package registry reachable from here?"
    cp "$folder/package-lock.json" "$stamp"
}
