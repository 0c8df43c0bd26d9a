import django.db.models.deletion
from django.db import migrations, models

import vestibule.store.clock
import vestibule.store.ids


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("meetings", "0001_initial"),
        ("people", "0001_initial"),
    ]

    operations = [
        migrations.CreateModel(
            name="Draft",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("document", models.JSONField(default=dict)),
                ("base", models.JSONField(default=dict)),
                ("step", models.CharField(blank=True, max_length=20)),
                ("template", models.CharField(blank=True, max_length=40)),
                ("edits", models.PositiveIntegerField(default=0)),
                ("changed_at", models.DateTimeField(default=vestibule.store.clock.now)),
                ("changed_by", models.CharField(blank=True, max_length=160)),
                (
                    "business",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="experience_draft",
                        to="people.business",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="EmbedRules",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("origins", models.JSONField(blank=True, default=list)),
                (
                    "business",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE, related_name="embed_rules", to="people.business"
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="SurveyQuestion",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("ref", models.CharField(default=vestibule.store.ids.new_ref, max_length=16, unique=True)),
                (
                    "audience",
                    models.CharField(
                        choices=[("consumer", "Consumers and those they bring"), ("provider", "Providers")],
                        default="consumer",
                        max_length=8,
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("stars", "One to five stars"),
                            ("thumbs", "Thumbs up or down"),
                            ("nps", "Would recommend, 0 to 10"),
                            ("choice", "One of several answers"),
                            ("many", "Several of several answers"),
                            ("text", "Words of their own"),
                            ("issues", "What did not work: sound, picture, screen"),
                        ],
                        default="stars",
                        max_length=8,
                    ),
                ),
                ("text", models.CharField(max_length=200)),
                ("texts", models.JSONField(blank=True, default=dict)),
                ("choices", models.JSONField(blank=True, default=list)),
                ("position", models.PositiveSmallIntegerField(default=0)),
                ("is_required", models.BooleanField(default=False)),
                ("asks_comment", models.BooleanField(default=True)),
                ("is_active", models.BooleanField(default=True)),
                (
                    "business",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="survey_questions",
                        to="people.business",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="SurveyRules",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("elsewhere_url", models.URLField(blank=True)),
                ("elsewhere_key", models.TextField(blank=True)),
                (
                    "business",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE, related_name="survey_rules", to="people.business"
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="OwnText",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("key", models.CharField(max_length=40)),
                ("language", models.CharField(max_length=12)),
                ("text", models.CharField(max_length=1000)),
                (
                    "business",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="own_texts", to="people.business"
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("business", "key", "language"), name="one_own_text_each")
                ],
            },
        ),
        migrations.CreateModel(
            name="SurveyAnswer",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("question_text", models.CharField(max_length=200)),
                ("score", models.PositiveSmallIntegerField(blank=True, null=True)),
                ("chosen", models.JSONField(blank=True, default=list)),
                ("comment", models.TextField(blank=True)),
                ("at", models.DateTimeField(default=vestibule.store.clock.now)),
                (
                    "business",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="survey_answers", to="people.business"
                    ),
                ),
                (
                    "participant",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="survey_answers",
                        to="meetings.participant",
                    ),
                ),
                (
                    "question",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="answers",
                        to="experience.surveyquestion",
                    ),
                ),
            ],
            options={
                "ordering": ["-id"],
                "constraints": [models.UniqueConstraint(fields=("question", "participant"), name="one_answer_each")],
            },
        ),
        migrations.CreateModel(
            name="Version",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("number", models.PositiveIntegerField()),
                ("document", models.JSONField(default=dict)),
                ("template", models.CharField(blank=True, max_length=40)),
                ("note", models.CharField(blank=True, max_length=200)),
                ("published_at", models.DateTimeField(default=vestibule.store.clock.now)),
                ("published_by", models.CharField(blank=True, max_length=160)),
                (
                    "business",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="experience_versions",
                        to="people.business",
                    ),
                ),
            ],
            options={
                "ordering": ["-number"],
                "constraints": [models.UniqueConstraint(fields=("business", "number"), name="one_version_each")],
            },
        ),
    ]
