# The harnesses that drive the program, so that `ctest` alone runs everything; `ctest -L unit` leaves them out.
find_package(Python3 COMPONENTS Interpreter)
if(Python3_Interpreter_FOUND AND TARGET goldpit)
  foreach(harness lang cli vectors golden fuzz)
    add_test(NAME ${harness}
             COMMAND ${Python3_EXECUTABLE} ${CMAKE_CURRENT_SOURCE_DIR}/run-${harness} $<TARGET_FILE:goldpit>)
    set_tests_properties(${harness} PROPERTIES LABELS harness)
  endforeach()
  add_test(NAME rules COMMAND ${Python3_EXECUTABLE} ${CMAKE_CURRENT_SOURCE_DIR}/check_includes)
  set_tests_properties(rules PROPERTIES LABELS harness)
  # beside other back-testers where they are installed; else it says what is left out
  add_test(NAME compare_backtest COMMAND ${Python3_EXECUTABLE} ${CMAKE_SOURCE_DIR}/scripts/compare-backtest --goldpit $<TARGET_FILE:goldpit> --repeat 1
           ${CMAKE_SOURCE_DIR}/data/sample)
  set_tests_properties(compare_backtest PROPERTIES LABELS harness)
endif()

# a driver and a run-time compiler for tests, and programs on the device that they make
if(TARGET goldpit-cuda)
  add_library(mock-cuda MODULE cuda/driver.c cuda/compiler.c cuda/warp.c)
  target_link_libraries(mock-cuda PRIVATE goldpit_flags m ${CMAKE_DL_LIBS})
  target_include_directories(mock-cuda SYSTEM PRIVATE ${GOLDPIT_CUDA_INCLUDE} ${GOLDPIT_NVRTC_INCLUDE})
  target_compile_options(mock-cuda PRIVATE -Wno-missing-prototypes -Wno-shadow -Wno-unused-function)
  set_target_properties(mock-cuda PROPERTIES PREFIX "")
  foreach(name prop_accel prop_sums)
    add_executable(${name} prop/${name}.c ${naive_sources})
    target_include_directories(${name} PRIVATE ${CMAKE_CURRENT_SOURCE_DIR})
    target_link_libraries(${name} PRIVATE gp_accel)
    target_compile_definitions(${name} PRIVATE GOLDPIT_SOURCE_DIR="${CMAKE_SOURCE_DIR}")
    add_dependencies(${name} goldpit-cuda mock-cuda)
    add_test(NAME ${name} COMMAND ${name} --mock $<TARGET_FILE:mock-cuda> --module $<TARGET_FILE:goldpit-cuda>)
    set_tests_properties(${name} PROPERTIES LABELS prop)
  endforeach()
endif()
