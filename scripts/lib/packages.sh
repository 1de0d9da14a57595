# shellcheck shell=bash
# Debian packages: which are needed for what, and installing those that are missing.

# To build and run both programs.
RUN_PACKAGES=(
    ca-certificates cmake curl g++ jq ninja-build npm
    libargon2-dev libboost1.81-dev libcli11-dev libfmt-dev libspdlog-dev libsqlite3-dev libssl-dev
    libsystemd-dev libtomlplusplus-dev libzstd-dev
)

# To run every test.
TEST_PACKAGES=(
    apt-utils ccache chromium clang clang-format clang-tidy cpio debootstrap doctest-dev dpkg-dev e2fsprogs git
    iproute2 libarchive-tools libclang-rt-14-dev libplist-utils librapidcheck-dev libxml2-utils lintian llvm nftables openssl
    procps shellcheck sqlite3 systemd-container util-linux
)

# To compile the agent for any Linux, and to install it on machines with dpkg and with rpm.
LINUX_PACKAGES=(debian-archive-keyring dpkg-dev lld make perl rpm rpmlint tcl)

# To compile the agent for Windows, to package and sign it, and to run what it became.
WINDOWS_PACKAGES=(dpkg-dev g++-mingw-w64-x86-64-posix lld make mingw-w64-tools msitools osslsigncode perl tcl wine wine64 wixl)

# To compile the agent for macOS, and to look into what it became.
MACOS_PACKAGES=(clang-19 dpkg-dev lld-19 llvm-19 make perl tcl)

package_installed()
{
    [[ $(dpkg-query --show --showformat='${db:Status-Status}' "$1" 2>/dev/null) == installed ]]
}

# Debian's npm is only wanted where no other npm is there (another nodejs package may bring its own).
package_needed()
{
    if [[ $1 == npm ]] && have npm; then return 1; fi
    ! package_installed "$1"
}

missing_packages()
{
    local package
    for package in "$@"; do
        if package_needed "$package"; then say "$package"; fi
    done
}

# install_packages NAME...: installs what is missing; asks nothing where nothing is.
install_packages()
{
    local missing
    mapfile -t missing < <(missing_packages "$@")
    ((${#missing[@]})) || return 0
    have apt-get || die "these Debian packages are missing, and this system has no apt-get: ${missing[*]}"
    can_be_root || die "these packages are missing; install them as root, then start again: apt-get install ${missing[*]}"
    say "Installing ${#missing[@]} Debian packages: ${missing[*]}"
    apt_install "${missing[@]}"
}

apt_install()
{
    local log=$BUILD_DIR/log/apt.log
    quietly "$log" as_root apt-get update ||
        die "apt-get update failed; repair the package sources of this system, then start again."
    # --no-remove: another Boost's headers, say, are somebody's; we tell instead of removing them.
    quietly "$log" as_root env DEBIAN_FRONTEND=noninteractive apt-get install --yes --no-remove \
        --no-install-recommends "$@" ||
        die "apt-get could not install: $*. Its reason stands above; nothing was removed."
}
