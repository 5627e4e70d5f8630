# Each folder may include only itself and the folders listed for it; core includes no Qt, models no widget.
# Run by ctest. A new folder needs a row in the table below, or the check fails.
cmake_minimum_required(VERSION 3.25)

set(failures "")
set(known "")

function(check folder allowed qt)
  set(found "")
  file(GLOB_RECURSE sources ${ROOT}/${folder}/*.h ${ROOT}/${folder}/*.cpp)
  foreach(source ${sources})
    file(STRINGS ${source} lines REGEX "^[ \t]*#[ \t]*include")
    file(RELATIVE_PATH name ${ROOT} ${source})
    foreach(line IN LISTS lines)
      if(line MATCHES "\"((core|ui)/[a-z_]+|app|tests)/")
        set(target ${CMAKE_MATCH_1})
        if(NOT target STREQUAL folder AND NOT target IN_LIST allowed)
          string(APPEND found "\n  ${name}: ${line}  (${folder} does not know ${target})")
        endif()
      endif()
      if(qt STREQUAL "NONE" AND line MATCHES "<(Q[A-Za-z]|q[a-z]+\\.h|Qt)")
        string(APPEND found "\n  ${name}: ${line}  (${folder} is plain C++)")
      endif()
      # On Debian <QtWidgets/QLabel> compiles even where only Qt Core is linked; <QLabel> does not. So the bare
      # form lets the compiler guard ui/models.
      if(line MATCHES "<Qt(Gui|Widgets|Core|Charts|Network|Sql|Svg|Test)/")
        string(APPEND found "\n  ${name}: ${line}  (write the class header without its module)")
      endif()
    endforeach()
    if(qt STREQUAL "NONE")
      file(STRINGS ${source} words REGEX "[^a-zA-Z_:]tr\\(\"")
      if(words)
        string(APPEND found "\n  ${name}: core does not translate: ${words}")
      endif()
    endif()
  endforeach()
  set(failures "${failures}${found}" PARENT_SCOPE)
endfunction()

# folder | what it may know | what it may take from Qt.   V: the values, S: the steps, J: the journeys.
foreach(row IN ITEMS
    "core/base||NONE" "core/domain|core/base|NONE"
    "core/ingest|V|NONE" "core/enrich|V|NONE" "core/detect|V|NONE" "core/risk|V|NONE" "core/store|V|NONE"
    "core/query|V,core/store|NONE" "core/demo|V|NONE"
    "core/ledger|V,core/detect,core/enrich,core/risk,core/store,core/query|NONE"
    "core/action|V,core/risk,core/store,core/query,core/ledger|NONE" "core/directory|V,core/detect,core/store,core/ledger|NONE"
    "core/examine|V,S,core/ledger|NONE" "core/lists|V,S,core/ledger,core/examine|NONE"
    "core/maps|V,core/ingest,core/store,core/ledger,core/action|NONE"
    "core/replay|V,S,core/ledger,core/directory,core/examine,core/lists|NONE"
    "core/retain|V,core/store,core/ledger,core/action,core/directory,core/examine,core/replay|NONE"
    "core/import|V,S,core/ledger,core/action,core/directory,core/examine,core/lists,core/replay,core/retain,core/demo|NONE"
    "core/verify|V,S,core/ledger,core/action,core/directory,core/examine|NONE"
    "core/connect|V|NONE" "core/dispatch|V,core/store,core/action,core/connect|NONE"
    "core/connections|V,S,core/ledger,core/action,core/directory,core/import,core/connect,core/dispatch|NONE"
    "core/serve|V,S,J|NONE"
    "ui/jobs|V,S,J|CORE" "ui/models|V,S,J,ui/jobs|CORE"
    "ui/theme||GUI" "ui/widgets|V,ui/theme,ui/models|GUI"
    "ui/window|V,ui/theme,ui/widgets|GUI"
    "ui/pages|V,S,J,ui/jobs,ui/models,ui/theme,ui/widgets,ui/window|GUI"
    "app|V,S,J,ui/jobs,ui/models,ui/theme,ui/widgets,ui/pages,ui/window|GUI")
  string(REPLACE "|" ";" parts "${row}")
  list(GET parts 0 folder)
  list(GET parts 1 allowed)
  list(GET parts 2 qt)
  string(REPLACE "," ";" allowed "${allowed}")
  list(TRANSFORM allowed REPLACE "^V$" "core/base;core/domain")
  list(TRANSFORM allowed REPLACE "^S$" "core/ingest;core/enrich;core/detect;core/risk;core/store;core/query")
  list(TRANSFORM allowed REPLACE "^J$" "core/ledger;core/action;core/directory;core/examine;core/lists;core/maps;core/retain;core/replay;core/import;core/verify;core/demo;core/connect;core/dispatch;core/connections;core/serve")
  check(${folder} "${allowed}" ${qt})
  list(APPEND known ${folder})
endforeach()

# A folder for each of several: a detector, a kind of connector. Each knows what all of them share and none of the
# others; one source has the list of them. `usual` is shared among the detectors, and the engine's.
function(check_siblings parent list_file shared also_for what)
  file(GLOB_RECURSE sources ${ROOT}/${parent}/*.h ${ROOT}/${parent}/*.cpp)
  foreach(source ${sources})
    file(RELATIVE_PATH name ${ROOT}/${parent} ${source})
    string(REGEX MATCH "^[a-z_]+/" own ${name})
    file(STRINGS ${source} lines REGEX "#include \"${parent}/[a-z_]+/")
    foreach(line IN LISTS lines)
      string(REGEX MATCH "${parent}/([a-z_]+/)" target ${line})
      set(target ${CMAKE_MATCH_1})
      if(target STREQUAL own OR name STREQUAL list_file)
        continue()
      endif()
      if(shared AND target STREQUAL shared AND (own OR name MATCHES "^(${also_for})[.]"))
        continue()
      endif()
      string(APPEND failures "\n  ${parent}/${name}: ${line}  (${what} knows no other)")
    endforeach()
  endforeach()
  set(failures "${failures}" PARENT_SCOPE)
endfunction()
check_siblings(core/detect detectors.cpp usual/ engine "a detector")
check_siblings(core/connect kinds.cpp oauth/ "" "a connector")

# A table of the directory file is written by one source, so that what a row means is said in one place; reading
# and joining is free. `user` has three parts: who it is, how often and from
# where, and the account as decided here.
set(writers_user core/examine/user_book.cpp core/examine/user_counters.cpp core/ledger/account_rows.cpp)
set(writers_outbox core/action/outbox.cpp core/action/outbox_send.cpp)
set(writers_command_change core/action/command_rows.cpp core/ledger/risk_rows.cpp)
set(writers_checkpoint core/examine/memory_writer.cpp core/ledger/withheld_rows.cpp core/ledger/former_findings.cpp)
set(writers_import_run core/import/import_run.cpp core/import/undo_import.cpp core/directory/directory.cpp)
set(writers_reject core/import/kept_records.cpp core/import/undo_import.cpp)
set(writers_intel_list core/lists/intelligence.cpp core/lists/list_versions.cpp)
file(GLOB_RECURSE sources ${ROOT}/core/*.h ${ROOT}/core/*.cpp ${ROOT}/app/*.cpp ${ROOT}/ui/*.cpp)
foreach(source ${sources})
  file(RELATIVE_PATH name ${ROOT} ${source})
  file(STRINGS ${source} lines REGEX "INTO [a-z]|UPDATE [a-z]|DELETE FROM [a-z]")
  foreach(line IN LISTS lines)
    string(REGEX MATCH "(INTO|UPDATE|DELETE FROM) ([a-z_]+)" table "${line}")
    set(table ${CMAKE_MATCH_2})
    if(NOT DEFINED writers_${table})
      set(writers_${table} ${name})
    elseif(NOT name IN_LIST writers_${table})
      string(APPEND failures "\n  ${name} writes the table ${table}, which is ${writers_${table}}'s")
    endif()
  endforeach()
endforeach()

# A provider knows what all providers share (core/ingest) and no other provider, and nobody knows a provider: their
# list, core/ingest/providers/providers.cpp, takes them by name.
file(GLOB_RECURSE sources ${ROOT}/core/*.h ${ROOT}/core/*.cpp ${ROOT}/ui/*.h ${ROOT}/ui/*.cpp ${ROOT}/app/*.h
  ${ROOT}/app/*.cpp)
foreach(source ${sources})
  file(RELATIVE_PATH name ${ROOT} ${source})
  file(STRINGS ${source} lines REGEX "tr\\(\"[^\"]*%n")
  if(lines)
    string(APPEND failures "\n  ${name}: ${lines}  (%Ln, so that a number is grouped as everywhere)")
  endif()
  file(STRINGS ${source} lines REGEX "#include \"core/ingest/providers/[a-z0-9_]+/")
  foreach(line IN LISTS lines)
    string(REGEX MATCH "core/ingest/providers/[a-z0-9_]+/" own ${line})
    string(FIND ${name} ${own} at)
    if(NOT at EQUAL 0)
      string(APPEND failures "\n  ${name}: ${line}  (only a provider knows its own folder)")
    endif()
  endforeach()
endforeach()

# Qt's file dialogs and kinds of files open what they look at, and closing it would drop SQLite's locks
# (core/base/open_files.h). One place knows how to ask for a file without that.
file(GLOB_RECURSE window ${ROOT}/ui/*.h ${ROOT}/ui/*.cpp ${ROOT}/app/*.h ${ROOT}/app/*.cpp)
foreach(source ${window})
  file(STRINGS ${source} lines REGEX "QFileDialog|QFileIconProvider|QMimeDatabase|QFileSystemModel")
  file(RELATIVE_PATH name ${ROOT} ${source})
  if(lines AND NOT name STREQUAL "ui/widgets/controls/file_dialog.cpp")
    string(APPEND failures "\n  ${name}: ${lines}  (ask for files through ui/widgets/controls/file_dialog.h)")
  endif()
endforeach()

# A folder without a row would be a hole in the wall.
file(GLOB folders RELATIVE ${ROOT} ${ROOT}/core/* ${ROOT}/ui/*)
foreach(folder ${folders})
  file(GLOB code ${ROOT}/${folder}/*.cpp ${ROOT}/${folder}/*.h)
  if(code AND NOT folder IN_LIST known)
    string(APPEND failures "\n  ${folder} has no row in tests/architecture/check_layers.cmake")
  endif()
endforeach()

if(failures)
  message(FATAL_ERROR "The layers are broken:${failures}")
endif()
