# What makes a build quick and changes nothing in its result: a compiler cache that all clones and work trees
# share, precompiled headers, a fast linker. Each is used where it is installed.
option(RISKDESK_PRECOMPILE "Precompile Qt's headers" ON)

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

# riskdesk_precompile(<target> CONSOLE): Qt's widgets save a fifth of each source of the console. For core it was tried
# and left: mapping the standard library's precompiled headers costs more than reading them. GCC takes precompiled
# headers only where the macros are those they were made with, so a kind is a set of macros as well; tests have others.
set(riskdesk_headers_CONSOLE <algorithm> <array> <chrono> <functional> <map> <memory> <optional> <string> <vector>
  <fmt/format.h> <tl/expected.hpp>
  <QAbstractButton> <QAbstractItemModel> <QApplication> <QBoxLayout> <QDateTime> <QHash> <QKeyEvent> <QLabel> <QLocale>
  <QMenu> <QPainter> <QPushButton> <QStyle> <QTableView> <QToolTip> <QWidget>)
function(riskdesk_precompile target kind)
  if(NOT RISKDESK_PRECOMPILE)
    return()
  endif()
  set(headers riskdesk_headers_${kind})
  if(NOT TARGET ${headers})
    set(source ${PROJECT_BINARY_DIR}/${headers}.cpp)
    file(CONFIGURE OUTPUT ${source} CONTENT "")
    add_library(${headers} OBJECT ${source})
    target_link_libraries(${headers} PRIVATE riskdesk_flags tl::expected fmt::fmt Qt6::Widgets Qt6::Svg Qt6::Charts)
    target_compile_definitions(${headers} PRIVATE ${riskdesk_qt_definitions})
    target_precompile_headers(${headers} PRIVATE ${riskdesk_headers_${kind}})
  endif()
  target_precompile_headers(${target} REUSE_FROM ${headers})
endfunction()
