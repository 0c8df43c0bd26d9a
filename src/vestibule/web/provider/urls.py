"""Addresses of the provider's desk."""

from django.urls import path

from vestibule.web.provider import after, alerts, call_log, desk, door, programs, push, recordings

urlpatterns = [
    path("", desk.desk, name="desk"),
    path("/alerts", alerts.alerts, name="desk-alerts"),
    path("/push", push.tell, name="desk-push"),
    path("/push/here", push.here, name="desk-push-here"),
    path("/push/waits", push.waits, name="desk-push-waits"),
    path("/push/<slug:ref>/test", push.test, name="desk-push-test"),
    path("/push/<slug:ref>/remove", push.remove, name="desk-push-remove"),
    path("-app.webmanifest", push.app, name="desk-app"),
    path("-push.js", push.worker, name="desk-push-worker"),
    path("/door/<slug:deed>/<slug:ref>", door.act, name="desk-door"),
    path("/visit/<slug:ref>", desk.visit, name="desk-visit"),
    path("/visit/<slug:ref>/ended", after.ended, name="desk-ended"),
    path("/visit/<slug:ref>/message", after.message, name="desk-message"),
    path("/visit/<slug:ref>/message/<slug:note>.pdf", after.note_pdf, name="desk-note-pdf"),
    path("/visit/<slug:ref>/log", call_log.story, name="desk-log"),
    path("/visit/<slug:ref>/log.json", call_log.as_json, name="desk-log-json"),
    path("/visit/<slug:ref>/notes", after.private, name="desk-notes"),
    path("/visit/<slug:ref>/programs", programs.listed, name="desk-programs"),
    path("/visit/<slug:ref>/programs/<int:member>/remove", programs.remove, name="desk-program-remove"),
    path("/visit/<slug:ref>/recordings", recordings.listed, name="desk-recordings"),
    path("/recordings/<slug:ref>", recordings.download, name="desk-recording"),
    path("/recordings/<slug:ref>/delete", recordings.delete, name="desk-recording-delete"),
]
