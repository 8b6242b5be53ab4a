// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#pragma once

// AMP, the Asynchronous Messaging Protocol, as Twisted speaks it.
#include <bobbin/amp/box.hpp>
#include <bobbin/amp/command.hpp>
#include <bobbin/amp/list_view.hpp>
#include <bobbin/amp/peer.hpp>
#include <bobbin/amp/question.hpp>
#include <bobbin/amp/values.hpp>
