// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#pragma once

// While armed, whoever takes memory from the heap or gives some back ends the program, with a line
// that says which function it was. The trap takes the place of the C library's functions for the
// whole program, and C++'s operators go through them.
namespace trap {

void arm();
void disarm();

}  // namespace trap
