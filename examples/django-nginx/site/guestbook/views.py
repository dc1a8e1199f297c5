import json

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import DatabaseError
from django.http import HttpRequest, JsonResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_GET, require_http_methods

from .models import Entry


@require_GET
def health(_: HttpRequest) -> JsonResponse:
    """Well when the database answers with the tables that this release needs; says which release it is."""
    try:
        entries = Entry.objects.count()
    except DatabaseError as error:
        return JsonResponse({"status": "unwell", "release": settings.RELEASE, "why": str(error)}, status=503)
    return JsonResponse({"status": "well", "release": settings.RELEASE, "entries": entries})


# Callers are programs that carry no cookies: there is no session that another site could ride on.
@csrf_exempt
@require_http_methods(["GET", "POST"])
def entries(request: HttpRequest) -> JsonResponse:
    """GET: the last ten. POST {"name", "text"}: one more."""
    if request.method == "GET":
        found = Entry.objects.all()[:10]
        return JsonResponse({"entries": [{"name": one.name, "text": one.text} for one in found]})
    try:
        said = json.loads(request.body)
        entry = Entry(name=said["name"], text=said["text"])
        entry.full_clean()
    except (ValueError, KeyError, TypeError) as error:
        return JsonResponse({"error": f"expected name and text: {error}"}, status=400)
    except ValidationError as error:
        return JsonResponse({"error": error.message_dict}, status=400)
    entry.save()
    return JsonResponse({"id": entry.id}, status=201)
