// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#pragma once

// All of the test kit. It needs GoogleTest, which is the program's to link; of its headers
// string_transport.hpp, unhandled_failures.hpp and left_behind.hpp do without.
#include <bobbin/memory.hpp>
#include <bobbin/testing/left_behind.hpp>
#include <bobbin/testing/results.hpp>
#include <bobbin/testing/string_transport.hpp>
#include <bobbin/testing/test_case.hpp>
#include <bobbin/testing/unhandled_failures.hpp>
