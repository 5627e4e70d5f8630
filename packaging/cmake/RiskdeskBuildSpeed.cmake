# What makes a build quick and changes nothing in its result: a compiler cache that all clones and work trees
# share, precompiled headers, several sources in one piece, a fast linker. Each is used where it is installed.
option(RISKDESK_PRECOMPILE "Precompile Qt's headers" ON)
option(RISKDESK_JOIN "Compile several sources of a library in one piece" ON)

# Paths below the source folder are hashed relative, so that another clone finds what this one compiled.
find_program(RISKDESK_CCACHE ccache)
if(RISKDESK_CCACHE)
  set(CMAKE_CXX_COMPILER_LAUNCHER ${CMAKE_COMMAND} -E env CCACHE_BASEDIR=${PROJECT_SOURCE_DIR} CCACHE_NOHASHDIR=1
      CCACHE_SLOPPINESS=pch_defines,time_macros,include_file_mtime,include_file_ctime ${RISKDESK_CCACHE})
  add_compile_options($<$<CXX_COMPILER_ID:GNU>:-fpch-preprocess>)
endif()

find_program(RISKDESK_MOLD mold)
if(RISKDESK_MOLD AND CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  add_link_options(-fuse-ld=mold)
endif()

# Where the libraries are shared, a program need not be linked again because one of them changed inside; a change of an
# interface compiles its users anew. References within a library are bound when it is linked, as in a static one.
set(CMAKE_LINK_DEPENDS_NO_SHARED ON)
if(BUILD_SHARED_LIBS)
  add_link_options(-Wl,-Bsymbolic-functions)
endif()

# riskdesk_precompile(<target> <kind>): the target's sources start from the kind's precompiled headers. Qt's widgets
# save a fifth of each source of the console, Qt Test half of a test, the standard library a sixth of a source of core.
# GCC takes precompiled headers only where the macros are those they were made with, so a kind is a set of libraries
# and definitions as well.
set(riskdesk_headers_STANDARD <algorithm> <array> <chrono> <functional> <map> <memory> <optional> <string> <vector>
  <fmt/format.h> <tl/expected.hpp>)
set(riskdesk_headers_WIDGETS <QAbstractButton> <QAbstractItemModel> <QApplication> <QBoxLayout> <QDateTime> <QHash>
  <QKeyEvent> <QLabel> <QLocale> <QMenu> <QPainter> <QPushButton> <QStyle> <QTableView> <QToolTip> <QWidget>)
set(riskdesk_headers_TESTING <filesystem> <span> <QDir> <QFile> <QJsonArray> <QJsonDocument> <QJsonObject> <QProcess>
  <QTemporaryDir> <QTest>)

set(riskdesk_kind_CORE HEADERS STANDARD)
set(riskdesk_kind_CONSOLE HEADERS STANDARD WIDGETS LIBRARIES Qt6::Widgets Qt6::Svg Qt6::Charts
  DEFINITIONS ${riskdesk_qt_definitions})
set(riskdesk_kind_TEST HEADERS STANDARD TESTING LIBRARIES Qt6::Test DEFINITIONS QT_NO_KEYWORDS)
set(riskdesk_kind_CONSOLE_TEST HEADERS STANDARD WIDGETS TESTING LIBRARIES Qt6::Widgets Qt6::Svg Qt6::Charts Qt6::Test
  DEFINITIONS QT_NO_KEYWORDS)
function(riskdesk_precompile target kind)
  if(NOT RISKDESK_PRECOMPILE)
    return()
  endif()
  set(headers riskdesk_headers_of_${kind})
  if(NOT TARGET ${headers})
    cmake_parse_arguments(A "" "" "HEADERS;LIBRARIES;DEFINITIONS" ${riskdesk_kind_${kind}})
    set(source ${PROJECT_BINARY_DIR}/${headers}.cpp)
    file(CONFIGURE OUTPUT ${source} CONTENT "")
    add_library(${headers} OBJECT ${source})
    target_link_libraries(${headers} PRIVATE riskdesk_flags tl::expected fmt::fmt ${A_LIBRARIES})
    target_compile_definitions(${headers} PRIVATE ${A_DEFINITIONS})
    foreach(set ${A_HEADERS})
      target_precompile_headers(${headers} PRIVATE ${riskdesk_headers_${set}})
    endforeach()
  endif()
  target_precompile_headers(${target} REUSE_FROM ${headers})
endfunction()

# riskdesk_join(<target> [source ...]): eight sources at a time become one piece for the compiler, which then reads the
# headers they share once. The sources named are compiled alone: what is local to them has the name of something local
# elsewhere, or their headers differ by a macro. Whoever changes one source over and over sets RISKDESK_JOIN to OFF.
function(riskdesk_join target)
  if(NOT RISKDESK_JOIN)
    return()
  endif()
  set_target_properties(${target} PROPERTIES UNITY_BUILD ON UNITY_BUILD_BATCH_SIZE 8)
  set_source_files_properties(${ARGN} PROPERTIES SKIP_UNITY_BUILD_INCLUSION ON)
endfunction()
