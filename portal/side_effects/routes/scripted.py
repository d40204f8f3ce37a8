"""The same answers for the script of the form, which sends without leaving the page."""

from fastapi import Request
from starlette.responses import JSONResponse, Response


def is_script(request: Request) -> bool:
    return "application/json" in request.headers.get("accept", "")


def for_script(request: Request, answer: Response) -> Response:
    """A redirect as {"to": path}, with its cookie and its place: a form that is sent again leads there."""
    if not is_script(request):
        return answer
    told = JSONResponse({"to": answer.headers["location"]})
    told.raw_headers += [pair for pair in answer.raw_headers if pair[0] in (b"location", b"set-cookie")]
    return told
