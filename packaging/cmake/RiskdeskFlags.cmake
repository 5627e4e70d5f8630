# One place for every compiler flag: each target links riskdesk_flags and nothing sets CMAKE_CXX_FLAGS.
add_library(riskdesk_flags INTERFACE)
target_compile_options(riskdesk_flags INTERFACE
  -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wsign-conversion -Wold-style-cast
  -Wnon-virtual-dtor -Woverloaded-virtual -Wformat=2
  # GCC 12 warns of overlaps in std::string + that cannot be (GCC bug 105651).
  $<$<AND:$<CXX_COMPILER_ID:GNU>,$<VERSION_LESS:$<CXX_COMPILER_VERSION>,13>>:-Wno-restrict>
  $<$<BOOL:${RISKDESK_WERROR}>:-Werror>)
target_compile_definitions(riskdesk_flags INTERFACE $<$<CONFIG:Debug>:_GLIBCXX_ASSERTIONS>)
if(RISKDESK_SANITIZE)
  # GCC misreads instrumented code as using what was not set (GCC bug 105562).
  target_compile_options(riskdesk_flags INTERFACE
    -fsanitize=${RISKDESK_SANITIZE} -fno-omit-frame-pointer
    $<$<CXX_COMPILER_ID:GNU>:-Wno-maybe-uninitialized>)
  target_link_options(riskdesk_flags INTERFACE -fsanitize=${RISKDESK_SANITIZE})
  if(RISKDESK_SANITIZE MATCHES "undefined")
    # Undefined behaviour ends the program with an illegal instruction, and the address sanitizer prints where. To say it
    # in words takes tables of a million addresses, and relocating them was two thirds of a short run. A wrong dynamic
    # type (vptr) cannot be found without them.
    target_compile_options(riskdesk_flags INTERFACE -fno-sanitize=vptr
      $<IF:$<CXX_COMPILER_ID:GNU>,-fsanitize-undefined-trap-on-error,-fsanitize-trap=undefined>)
  endif()
endif()
if(RISKDESK_HARDEN)
  # _FORTIFY_SOURCE needs an optimised build, which the release preset is.
  target_compile_options(riskdesk_flags INTERFACE -fstack-protector-strong -fstack-clash-protection)
  target_compile_definitions(riskdesk_flags INTERFACE _FORTIFY_SOURCE=2)
  target_link_options(riskdesk_flags INTERFACE -Wl,-z,relro,-z,now)
endif()
