# Qt without implicit conversions and without its keywords as macros.
set(riskdesk_qt_definitions QT_NO_CAST_FROM_ASCII QT_NO_CAST_TO_ASCII
  QT_NO_KEYWORDS QT_NO_FOREACH QT_STRICT_ITERATORS QT_NO_NARROWING_CONVERSIONS_IN_CONNECT)

# riskdesk_library(<name> FOLDERS ... [QT] [PRECOMPILE kind] [ALONE source ...] DEPENDS ... PRIVATE_DEPENDS ...)
# One library made of every source in its folders; the folders are listed once, here by the caller. Static, unless
# BUILD_SHARED_LIBS says otherwise.
# ALONE: sources that may not be compiled in one piece with others (RISKDESK_JOIN).
function(riskdesk_library name)
  cmake_parse_arguments(A "QT" "PRECOMPILE" "FOLDERS;DEPENDS;PRIVATE_DEPENDS;ALONE" ${ARGN})
  set(sources "")
  foreach(folder ${A_FOLDERS})
    file(GLOB found CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/${folder}/*.cpp ${CMAKE_CURRENT_SOURCE_DIR}/${folder}/*.h)
    list(APPEND sources ${found})
  endforeach()
  if(NOT sources MATCHES "\\.cpp")
    file(WRITE ${CMAKE_CURRENT_BINARY_DIR}/${name}_empty.cpp "")
    list(APPEND sources ${CMAKE_CURRENT_BINARY_DIR}/${name}_empty.cpp)
  endif()
  add_library(${name} ${sources})
  # The same commands for both kinds, so that the compiler's cache serves both.
  set_target_properties(${name} PROPERTIES LINKER_LANGUAGE CXX DEFINE_SYMBOL "")
  target_include_directories(${name} PUBLIC ${PROJECT_SOURCE_DIR})
  target_link_libraries(${name} PUBLIC ${A_DEPENDS} PRIVATE riskdesk_flags ${A_PRIVATE_DEPENDS})
  if(A_QT)
    set_target_properties(${name} PROPERTIES AUTOMOC ON)
    target_compile_definitions(${name} PRIVATE ${riskdesk_qt_definitions})
  endif()
  if(A_PRECOMPILE)
    riskdesk_precompile(${name} ${A_PRECOMPILE})
  endif()
  riskdesk_join(${name} ${A_ALONE})
endfunction()
