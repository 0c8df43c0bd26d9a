"""What consumers see of a business: its words, its survey and the versions of it all."""

from vestibule.experience.models.survey import SurveyAnswer, SurveyQuestion, SurveyRules
from vestibule.experience.models.texts import EmbedRules, OwnText
from vestibule.experience.models.versions import Draft, Version

__all__ = [
    "Draft",
    "EmbedRules",
    "OwnText",
    "SurveyAnswer",
    "SurveyQuestion",
    "SurveyRules",
    "Version",
]
