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
