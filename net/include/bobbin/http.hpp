// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: bobbin contributors
#pragma once

// HTTP/1.1.
#include <bobbin/http/body_decoder.hpp>
#include <bobbin/http/client.hpp>
#include <bobbin/http/conditions.hpp>
#include <bobbin/http/content_responder.hpp>
#include <bobbin/http/date.hpp>
#include <bobbin/http/embedded_files.hpp>
#include <bobbin/http/event_broadcaster.hpp>
#include <bobbin/http/event_stream.hpp>
#include <bobbin/http/fetch.hpp>
#include <bobbin/http/fields.hpp>
#include <bobbin/http/file_answer.hpp>
#include <bobbin/http/file_response.hpp>
#include <bobbin/http/json_answer.hpp>
#include <bobbin/http/media_type.hpp>
#include <bobbin/http/pattern.hpp>
#include <bobbin/http/request.hpp>
#include <bobbin/http/request_head.hpp>
#include <bobbin/http/requester.hpp>
#include <bobbin/http/resolving_client.hpp>
#include <bobbin/http/responder.hpp>
#include <bobbin/http/response.hpp>
#include <bobbin/http/response_head.hpp>
#include <bobbin/http/routes.hpp>
#include <bobbin/http/status.hpp>
#include <bobbin/http/template_answer.hpp>
#include <bobbin/http/url.hpp>
