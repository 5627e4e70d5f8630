# The Debian packages of Riskdesk, in one place, and the function that installs exactly those that are missing.
# Sourced by packaging/run and packaging/test.

packages_build="ca-certificates g++ ccache mold cmake ninja-build pkg-config
  qt6-base-dev qt6-svg-dev qt6-charts-dev libqt6opengl6-dev libgl-dev libqt6svg6 fonts-inter
  qt6-tools-dev qt6-tools-dev-tools qt6-l10n-tools qtkeychain-qt6-dev libsecret-1-0
  libsqlite3-dev libsimdjson-dev libcsv-dev libgeographiclib-dev libmaxminddb-dev libsodium-dev
  libcpp-httplib-dev libldap-dev libboost-dev libssl-dev libcli11-dev libfmt-dev libexpected-dev zlib1g-dev libzip-dev libutf8proc-dev"
packages_test="librapidcheck-dev sqlite3 procps zip gzip groff-base fonts-ipafont-gothic fonts-dejavu-core
  xvfb openbox xdotool dbus gnome-keyring slapd ldap-utils"
# For Microsoft's Graph client, which asks the API. Not asked for by name where npm is there already: Node from
# elsewhere brings its own and cannot stand beside Debian's.
packages_graph_client="nodejs npm"

# install_missing PACKAGE…
install_missing() {
  local missing="" package
  for package in "$@"; do
    dpkg-query -W -f '${Status}' "$package" 2>/dev/null | grep -q "install ok installed" || missing="$missing $package"
  done
  [ -n "$missing" ] || return 0
  command -v apt-get >/dev/null 2>&1 || {
    echo "Riskdesk needs these Debian packages, and there is no apt-get here:$missing" >&2
    return 1
  }
  local as_root=""
  if [ "$(id -u)" -ne 0 ]; then
    command -v sudo >/dev/null 2>&1 || {
      echo "These packages are missing; install them as root and start again:" >&2
      echo "  apt-get install --no-install-recommends$missing" >&2
      return 1
    }
    as_root="sudo"
  fi
  echo "Installing what is missing:$missing"
  # An empty package index (a fresh machine, a container) is fetched; one that is there is first tried as it is.
  fetch_and_unpack 2>/dev/null && return 0
  $as_root apt-get -o DPkg::Lock::Timeout=300 update -q && fetch_and_unpack
}

# Says how far apt-get is, a line for every 25 packages. Of install_missing alone.
fetch_and_unpack() {
  DEBIAN_FRONTEND=noninteractive $as_root apt-get -o DPkg::Lock::Timeout=300 install -y -q --no-install-recommends $missing \
    2>&1 </dev/null | awk '
      /newly installed/ { total = $3 }
      /^Get:/ && ++fetched % 25 == 0 { print "Fetched " fetched " of " total " packages"; fflush() }
      /^Setting up / && ++ready % 25 == 0 { print "Installed " ready " of " total " packages"; fflush() }
      /^E: / { print > "/dev/stderr" }'
  return "${PIPESTATUS[0]}"
}
