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
endif()
