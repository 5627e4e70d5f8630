# build PRESET: configures and builds one preset; what happens stands in one line that moves on a terminal, and in a
# line every half minute elsewhere. Sourced by packaging/run and packaging/test.
build() {
  local preset=$1 log
  log=$(mktemp "${TMPDIR:-/tmp}/riskdesk-build-XXXXXX")
  if [ ! -f "build/$preset/build.ninja" ]; then
    echo "Preparing the build…"
    cmake --preset "$preset" >"$log" 2>&1 || { cat "$log" >&2; rm -f "$log"; return 1; }
  fi
  if [ -t 1 ]; then
    NINJA_STATUS="Building: %f of %t, %es " cmake --build "build/$preset" -- -j"$(nproc)" || { rm -f "$log"; return 1; }
  else
    # Errors are shown whole; of the rest a line now and then.
    NINJA_STATUS="%f of %t, %e s " cmake --build "build/$preset" -- -j"$(nproc)" >"$log" 2>&1 &
    local builder=$! seconds=0
    while kill -0 "$builder" 2>/dev/null; do
      sleep 1
      seconds=$((seconds + 1))
      [ $((seconds % 30)) -ne 0 ] || echo "Building: $(grep -oE '^[0-9]+ of [0-9]+' "$log" | tail -1) after $seconds s"
    done
    wait "$builder" || { grep -A40 '^FAILED' "$log" >&2 || tail -40 "$log" >&2; rm -f "$log"; return 1; }
  fi
  rm -f "$log"
}

# install_graph_client PRESET: what its package-lock.json names, in the build folder; its test is skipped without.
install_graph_client() {
  local folder=build/$1/graph_client
  command -v npm >/dev/null || return 0
  [ "$folder/package-lock.json" -nt "$folder/node_modules/.package-lock.json" ] || return 0
  (cd "$folder" && npm ci --ignore-scripts --no-audit --no-fund --loglevel=error --fetch-retries=1 </dev/null) ||
    echo "npm could not install the Graph client; it is not tested."
}
