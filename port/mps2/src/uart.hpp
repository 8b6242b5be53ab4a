// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#pragma once

namespace bobbin::mps2::uart {

// Switches the transmitter on. The receiver follows with the first console::read_byte(), so that
// images which never read have no input interrupt.
void start();

}  // namespace bobbin::mps2::uart
