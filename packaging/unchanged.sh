# Tests that need not run again. A test's result is that of the bytes it is made of: its program, our libraries that the
# program loads, the programs it may start, all files of the source tree that are not compiled, the installed packages
# and the data beside the project. When all of these are what they were when it passed, it would pass again.
# Sourced by packaging/test.

# fingerprints PRESET: "name hash" a line, for every test with a program of its own.
fingerprints() {
  local program name sources programs
  # What is read while a test runs. Times and clones do not matter, contents do.
  sources=$({
    find . -path ./build -prune -o -path ./.git -prune -o -type f ! -name '*.cpp' ! -name '*.h' -print0 | sort -z |
      xargs -0 sha256sum
    dpkg-query -W 2>/dev/null || true
    find ../shared/data -type f -printf '%P %s %T@\n' 2>/dev/null | sort || true
    env | grep '^RISKDESK_' || true
  } | sha256sum)
  programs=$(closure "build/$1/app/riskdeskctl" "build/$1/core/riskdesk_signin.so")
  for name in $(ctest --preset "$1" -N | sed -n 's/^ *Test *#[0-9]*: //p'); do
    program=build/$1/tests/tst_${name//./_}
    [ -f "$program" ] || continue
    {
      echo "$sources"
      closure "$program"
      # Those that ask where a program lies may start it.
      if nm -D --undefined-only "$program" | grep -qE 'riskdeskctl|sqliteModule'; then echo "$programs"; fi
      case $name in ui.start) closure "build/$1/app/riskdesk" ;; esac
    } | sha256sum | sed "s/^/$name /; s/ *-$//"
  done
}

# closure PROGRAM…: the hashes of these and of our libraries they load; one that was not built is left out.
closure() {
  local program
  for program in "$@"; do
    [ -f "$program" ] || continue
    echo "$program"
    ldd "$program" | sed -n 's/.* => \(.*libriskdesk_[^ ]*\) .*/\1/p'
  done | sort -u | while read -r file; do hash_of "$file"; done
}

# Each file is hashed once a run.
hash_of() {
  local kept=$hashes/${1//\//%}
  [ -f "$kept" ] || sha256sum <"$1" >"$kept"
  cat "$kept"
}

# test_changed PRESET: runs what is not known to pass, says how much that was, and keeps what passed.
test_changed() {
  local preset=$1 passed=build/$1/passed now regex='' known=0 all name hash code=0
  hashes=$(mktemp -d)
  now=$(mktemp)
  fingerprints "$preset" >"$now"
  rm -rf "$hashes"
  mkdir -p "$passed"
  while read -r name hash; do
    if [ "$(cat "$passed/$name" 2>/dev/null)" = "$hash" ]; then
      known=$((known + 1))
      regex+="|${name//./[.]}"
    fi
  done <"$now"
  all=$(wc -l <"$now")
  [ "$known" -eq 0 ] || echo "$known of $all tests passed with the same program, libraries and data, and are not run again (--all runs them)."
  ctest --preset "$preset" -j"$((2 * $(nproc)))" --progress ${regex:+-E "^(${regex#|})$"} || code=$?
  # ctest writes down who failed; where it was stopped, nobody is known to have passed.
  if [ "$code" -eq 0 ] || [ "$code" -eq 8 ]; then
    local failed=build/$preset/Testing/Temporary/LastTestsFailed.log
    while read -r name hash; do
      if [ "$code" -eq 8 ] && grep -qF ":$name" "$failed"; then rm -f "$passed/$name"; else echo "$hash" >"$passed/$name"; fi
    done <"$now"
  fi
  rm -f "$now"
  return "$code"
}
