# SPDX-License-Identifier: MIT
# SPDX-FileCopyrightText: bobbin contributors
"""Draws what the bench found: bars of ratios, as the text of an SVG, readable on light and dark."""

from xml.sax.saxutils import escape

WIDTH = 760
LEFT = 230  # where bars begin
BAR = 13
BARS_MAX = 360

STYLE = """
    text { font: 12px system-ui, sans-serif; fill: #1f2328; }
    .background { fill: #ffffff; }
    .title { font-size: 14px; font-weight: 600; }
    .small { font-size: 11px; fill: #59636e; }
    .base { stroke: #59636e; stroke-dasharray: 3 3; }
    .bobbin { fill: #c2410c; }
    .libuv { fill: #2f6f9f; }
    .libevent { fill: #5b9a8b; }
    .asio { fill: #8a7cb8; }
    .nginx { fill: #3f7d4e; }
    .microhttpd { fill: #a8863a; }
    .twisted { fill: #7a8794; }
    @media (prefers-color-scheme: dark) {
      text { fill: #e6edf3; }
      .background { fill: #0d1117; }
      .small { fill: #9198a1; }
      .base { stroke: #9198a1; }
      .bobbin { fill: #fb8c4e; }
      .libuv { fill: #6cb0e0; }
      .libevent { fill: #86cbb9; }
      .asio { fill: #b7aae4; }
      .nginx { fill: #7fc492; }
      .microhttpd { fill: #dfc078; }
      .twisted { fill: #b3bfcb; }
    }
"""


def in_unit(unit, pipelined=False):
    """Chooses rows of that unit, with one message in flight or with several."""
    return lambda row: row["unit"].startswith(unit) and pipelined == ("pipelined" in row["what"])


PANELS = [
    ("Echo: messages each second, as a part of a bare epoll loop's; more is better", "echo",
     in_unit("messages/s")),
    ("Echo: the server's processor time for a message, in a bare epoll loop's; less is better",
     "echo", in_unit("server")),
    ("Echo: the latency of the median message, in a bare epoll loop's; less is better", "echo",
     in_unit("latency 50 %")),
    ("Echo: the latency that 1 in 100 messages exceeds, in a bare epoll loop's; less is better",
     "echo", in_unit("latency 99 %")),
    ("Echo, 16 in flight: messages each second, as a part of a bare epoll loop's; more is better",
     "echo", in_unit("messages/s", pipelined=True)),
    ("Echo: user-space instructions for a message, in a bare epoll loop's; less is better",
     "instructions", lambda row: True),
    ("Echo: system calls for a message, in a bare epoll loop's; less is better",
     "syscalls", lambda row: True),
    ("Memory: bytes for each of 10,000 connections, in a bare epoll loop's; less is better",
     "memory", lambda row: True),
    ("Timers: time for each, in libuv's; less is better", "timers",
     lambda row: row["unit"] == "ns"),
    ("Posted calls: time for each, in libuv's; less is better", "posts",
     lambda row: row["unit"] == "ns"),
    ("HTTP: requests each second, as a part of nginx's; more is better", "http",
     in_unit("requests/s")),
    ("HTTP: the server's processor time for a request, in nginx's; less is better", "http",
     in_unit("server")),
    ("HTTP, 16 in flight: requests each second, as a part of nginx's; more is better", "http",
     in_unit("requests/s", pipelined=True)),
]


class Drawing:
    """Lines of SVG, from the top down."""

    def __init__(self):
        self.lines = []
        self.y = 28

    def text(self, x, words, kind="", anchor="start"):
        self.lines.append(f'<text x="{x}" y="{self.y}" class="{kind}" '
                          f'text-anchor="{anchor}">{escape(words)}</text>')

    def bar(self, name, length):
        self.lines.append(f'<rect x="{LEFT}" y="{self.y - BAR + 3}" width="{length:.1f}" '
                          f'height="{BAR - 2}" rx="1.5" class="{name}"/>')

    def upright(self, x, top):
        self.lines.append(f'<line x1="{x:.1f}" x2="{x:.1f}" y1="{top}" y2="{self.y - BAR}" '
                          f'class="base"/>')

    def panel(self, title, rows):
        self.text(16, title, "title")
        self.y += 22
        longest = max(1, *(value for row in rows for value in compared(row).values()))
        scale = BARS_MAX / longest
        for row in rows:
            top = self.y - BAR
            self.row(row, scale)
            self.upright(LEFT + scale, top)
            self.y += 6
        self.y += 14

    def row(self, row, scale):
        # Without what the panel's title has said.
        label = row["what"].removesuffix(", 16 pipelined")
        label = label.removeprefix("10,000 connections ")
        for name, value in compared(row).items():
            if label:
                self.text(LEFT - 10, label, anchor="end")
            label = ""
            self.bar(name, value * scale)
            absolute = row["median"][name]
            # Behind the dashed line, too.
            self.text(round(LEFT + max(value, 1) * scale) + 6,
                      f"{name} {value:.2f} ({absolute:,.{0 if absolute >= 100 else 2}f})", "small")
            self.y += BAR

    def svg(self):
        return "\n".join([
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {self.y}" '
            f'width="{WIDTH}" height="{self.y}">',
            f"<style>{STYLE}</style>",
            '<rect width="100%" height="100%" rx="6" class="background"/>',
            *self.lines, "</svg>", ""])


def compared(row):
    """The ratios of everybody but the one they are ratios to, unless it is no bare loop."""
    return {name: value for name, value in row["ratio"].items()
            if value is not None and name != "epoll"}


def draw(result):
    drawing = Drawing()
    for title, part, wanted in PANELS:
        rows = [row for row in result["rows"]
                if row["part"] == part and wanted(row) and compared(row)]
        if rows:
            drawing.panel(title, rows)
    machine = result["machine"]
    drawing.text(16, f"Medians of {result['rounds']} rounds on {machine['cpus']} CPUs "
                     f"({machine['processor']}); the dashed line is 1; figures in brackets.",
                 "small")
    drawing.y += 12
    return drawing.svg()
