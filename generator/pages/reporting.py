"""The address at which a reader reports a mistake on a page, with the page's own address filled in."""

from __future__ import annotations

from urllib.parse import quote, urlsplit

PAGE, TITLE = "{page}", "{title}"
"""What an address in site.yml may hold in the place of these."""


def report_address(report: str, *, page: str, title: str, site: str) -> str:
    """``report`` of site.yml for one page; '' when there is none.

    ``{page}`` and ``{title}`` in it are filled in. Where there are none, a mail gets a subject and a first line,
    and so does a new issue on GitHub, GitLab or a forge like them, unless the address says what they are.
    ``title`` is the page's, ``site`` the name of the site.
    """
    if PAGE in report or TITLE in report:
        return report.replace(PAGE, _quoted(page)).replace(TITLE, _quoted(title))
    parts = urlsplit(report)
    if parts.query or parts.fragment:
        return report
    heading, body = f"{title} · {site}" if title != site else site, f"{page}\n\n"
    if parts.scheme == "mailto":
        return f"{report}?subject={_quoted(heading)}&body={_quoted(body.replace(chr(10), chr(13) + chr(10)))}"
    if parts.path.endswith("/-/issues/new"):
        return f"{report}?issue%5Btitle%5D={_quoted(heading)}&issue%5Bdescription%5D={_quoted(body)}"
    if parts.path.endswith("/issues/new"):
        return f"{report}?title={_quoted(heading)}&body={_quoted(body)}"
    return report


def _quoted(text: str) -> str:
    return quote(text, safe="")
