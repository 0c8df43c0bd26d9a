"""Addresses of the builder, below `/manage/experience`."""

from django.urls import URLPattern, path

from vestibule.web.manager.experience import pages, picture_pages, preview_page, publishing, question_steps

QUESTIONS = "/experience/questions"

urlpatterns: list[URLPattern] = [
    path("/experience", pages.begin, name="manage-experience"),
    path("/experience/review", publishing.review, name="manage-experience-review"),
    path("/experience/discard", publishing.discard, name="manage-experience-discard"),
    path("/experience/versions", publishing.versions, name="manage-experience-versions"),
    path("/experience/versions/<int:number>", publishing.version, name="manage-experience-version"),
    path("/experience/steps/<slug:slug>/picture/<slug:name>", picture_pages.picture, name="manage-experience-picture"),
    path("/experience/steps/questions", question_steps.listing, name="manage-experience-questions"),
    path(f"{QUESTIONS}/<slug:service>/new", question_steps.question, name="manage-experience-question-new"),
    path(f"{QUESTIONS}/<slug:service>/<slug:name>", question_steps.question, name="manage-experience-question"),
    path("/experience/steps/<slug:slug>", pages.step, name="manage-experience-step"),
    path("/experience/preview/mail", preview_page.message, {"state": "mail"}, name="manage-experience-mail"),
    path("/experience/preview/sms", preview_page.message, {"state": "sms"}, name="manage-experience-sms"),
    path("/experience/preview/<slug:state>", preview_page.page, name="manage-experience-preview"),
]
