"""The questions after a visit, and what was answered."""

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from vestibule.meetings.models import Participant
from vestibule.people.models import Business, Tenanted
from vestibule.store import clock
from vestibule.store.ids import new_ref


class SurveyRules(models.Model):
    """How a business asks: with its own questions, or by somebody else's form at `elsewhere_url`.

    That form is given the visit's reference, signed with the key in `elsewhere_key` (encrypted), and nothing else.
    """

    business = models.OneToOneField(Business, models.CASCADE, related_name="survey_rules")
    elsewhere_url = models.URLField(blank=True)
    elsewhere_key = models.TextField(blank=True)

    objects = Tenanted.as_manager()


class SurveyQuestion(models.Model):
    """One question asked after a visit, in the order of `position`.

    `text` is in the business' language, `texts` has others by language. `choices` of kinds that have them are
    `[{"id", "text", "texts"}, ...]`. One that is asked no more keeps its answers and is not active.
    """

    class Audience(models.TextChoices):
        CONSUMER = "consumer", _("Consumers and those they bring")
        PROVIDER = "provider", _("Providers")

    class Kind(models.TextChoices):
        STARS = "stars", _("One to five stars")
        THUMBS = "thumbs", _("Thumbs up or down")
        NPS = "nps", _("Would recommend, 0 to 10")
        CHOICE = "choice", _("One of several answers")
        MANY = "many", _("Several of several answers")
        TEXT = "text", _("Words of their own")
        ISSUES = "issues", _("What did not work: sound, picture, screen")

    business = models.ForeignKey(Business, models.CASCADE, related_name="survey_questions")
    ref = models.CharField(max_length=16, unique=True, default=new_ref)
    audience = models.CharField(max_length=8, choices=Audience.choices, default=Audience.CONSUMER)
    kind = models.CharField(max_length=8, choices=Kind.choices, default=Kind.STARS)
    text = models.CharField(max_length=200)
    texts = models.JSONField(default=dict, blank=True)
    choices = models.JSONField(default=list, blank=True)
    position = models.PositiveSmallIntegerField(default=0)
    is_required = models.BooleanField(default=False)
    asks_comment = models.BooleanField(default=True)
    is_active = models.BooleanField(default=True)

    objects = Tenanted.as_manager()


class SurveyAnswer(models.Model):
    """One participant's answer; answering again replaces it.

    `score` is 1 to 5 for stars, 0 or 1 for thumbs, 0 to 10 for a recommendation, empty for others; `chosen` holds the
    ids of choices, or of what did not work. `question_text` keeps what was asked.
    """

    business = models.ForeignKey(Business, models.CASCADE, related_name="survey_answers")
    question = models.ForeignKey(SurveyQuestion, models.PROTECT, related_name="answers")
    question_text = models.CharField(max_length=200)
    participant = models.ForeignKey(Participant, models.CASCADE, related_name="survey_answers")
    score = models.PositiveSmallIntegerField(null=True, blank=True)
    chosen = models.JSONField(default=list, blank=True)
    comment = models.TextField(blank=True)
    at = models.DateTimeField(default=clock.now)

    objects = Tenanted.as_manager()

    class Meta:
        ordering: ClassVar = ["-id"]
        constraints: ClassVar = [models.UniqueConstraint(fields=["question", "participant"], name="one_answer_each")]
