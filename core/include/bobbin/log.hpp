// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#pragma once

// All of logging.
#include <bobbin/log_failure.hpp>
#include <bobbin/log_filter.hpp>
#include <bobbin/log_history.hpp>
#include <bobbin/log_lines.hpp>
#include <bobbin/log_observer.hpp>
#include <bobbin/log_reactor.hpp>
#include <bobbin/logged_errors.hpp>
#include <bobbin/logger.hpp>
