// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors

int bystander() { return 1; }
