"""What consumers see of a business beyond its services: the survey, and what was answered."""

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from vestibule.meetings.models import Participant
from vestibule.people.models import Business, Tenanted
from vestibule.store import clock
from vestibule.store.ids import new_ref


class SurveyQuestion(models.Model):
    """The question asked after a visit."""

    class Kind(models.TextChoices):
        STARS = "stars", _("One to five stars")
        THUMBS = "thumbs", _("Thumbs up or down")

    business = models.ForeignKey(Business, models.CASCADE, related_name="survey_questions")
    ref = models.CharField(max_length=16, unique=True, default=new_ref)
    kind = models.CharField(max_length=8, choices=Kind.choices, default=Kind.STARS)
    text = models.CharField(max_length=200)
    asks_comment = models.BooleanField(default=True)
    is_active = models.BooleanField(default=True)

    objects = Tenanted.as_manager()


class SurveyAnswer(models.Model):
    """One participant's answer; answering again replaces it.

    `score` is 1 to 5 for stars, 0 or 1 for thumbs. `question_text` keeps what was asked.
    """

    business = models.ForeignKey(Business, models.CASCADE, related_name="survey_answers")
    question = models.ForeignKey(SurveyQuestion, models.PROTECT, related_name="answers")
    question_text = models.CharField(max_length=200)
    participant = models.ForeignKey(Participant, models.CASCADE, related_name="survey_answers")
    score = models.PositiveSmallIntegerField()
    comment = models.TextField(blank=True)
    at = models.DateTimeField(default=clock.now)

    objects = Tenanted.as_manager()

    class Meta:
        ordering: ClassVar = ["-id"]
        constraints: ClassVar = [models.UniqueConstraint(fields=["question", "participant"], name="one_answer_each")]
