import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import vestibule.store.clock
import vestibule.store.ids


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("people", "0001_initial"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Gateway",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("ref", models.CharField(default=vestibule.store.ids.new_ref, max_length=16, unique=True)),
                (
                    "channel",
                    models.CharField(
                        choices=[("email", "E-mail"), ("sms", "Text message"), ("push", "Browser notification")],
                        max_length=5,
                    ),
                ),
                ("kind", models.CharField(max_length=20)),
                ("name", models.CharField(max_length=80)),
                ("sender", models.CharField(max_length=254)),
                ("account", models.CharField(blank=True, max_length=120)),
                ("access", models.TextField()),
                ("hook", models.CharField(default=vestibule.store.ids.new_ref, max_length=40, unique=True)),
                ("position", models.PositiveSmallIntegerField(default=0)),
                ("is_active", models.BooleanField(default=True)),
                ("tested_at", models.DateTimeField(blank=True, null=True)),
                ("last_taken_at", models.DateTimeField(blank=True, null=True)),
                ("failing_since", models.DateTimeField(blank=True, null=True)),
                ("problem", models.CharField(blank=True, max_length=300)),
                ("alerted_at", models.DateTimeField(blank=True, null=True)),
                ("created_at", models.DateTimeField(default=vestibule.store.clock.now)),
                (
                    "business",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="gateways", to="people.business"
                    ),
                ),
            ],
            options={
                "ordering": ["channel", "position", "id"],
            },
        ),
        migrations.CreateModel(
            name="MessageRules",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("quiet_from", models.PositiveSmallIntegerField(default=0)),
                ("quiet_to", models.PositiveSmallIntegerField(default=0)),
                ("sms_per_day", models.PositiveIntegerField(default=2000)),
                ("sms_per_recipient", models.PositiveSmallIntegerField(default=10)),
                ("sms_per_prefix", models.PositiveIntegerField(default=1000)),
                ("country_prefixes", models.JSONField(blank=True, default=list)),
                ("is_discreet", models.BooleanField(default=False)),
                ("waits_too_long_minutes", models.PositiveSmallIntegerField(default=15)),
                ("asks_for_answer", models.BooleanField(default=True)),
                ("asks_for_consent", models.BooleanField(default=False)),
                ("mail_footer", models.CharField(blank=True, max_length=500)),
                ("reminders_changed_at", models.DateTimeField(blank=True, null=True)),
                ("replanned_to", models.BigIntegerField(blank=True, null=True)),
                ("changed_at", models.DateTimeField(default=vestibule.store.clock.now)),
                (
                    "business",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE, related_name="message_rules", to="people.business"
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="OutboxMessage",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("ref", models.CharField(default=vestibule.store.ids.new_ref, max_length=16, unique=True)),
                ("key", models.CharField(max_length=160, unique=True)),
                ("subject_ref", models.CharField(blank=True, db_index=True, max_length=40)),
                ("kind", models.CharField(max_length=40)),
                (
                    "channel",
                    models.CharField(
                        choices=[("email", "E-mail"), ("sms", "Text message"), ("push", "Browser notification")],
                        max_length=5,
                    ),
                ),
                ("to", models.CharField(max_length=254)),
                ("to_name", models.CharField(blank=True, max_length=120)),
                ("language", models.CharField(default="en", max_length=12)),
                ("timezone", models.CharField(default="UTC", max_length=64)),
                ("facts", models.JSONField(default=dict)),
                ("due_at", models.DateTimeField(default=vestibule.store.clock.now)),
                ("not_after", models.DateTimeField(blank=True, null=True)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("queued", "Due"),
                            ("leased", "Being sent"),
                            ("done", "Sent"),
                            ("failed", "Could not be sent"),
                            ("dropped", "No longer wanted"),
                        ],
                        default="queued",
                        max_length=8,
                    ),
                ),
                ("next_at", models.DateTimeField(default=vestibule.store.clock.now)),
                ("attempts", models.PositiveIntegerField(default=0)),
                ("leased_by", models.CharField(blank=True, max_length=40)),
                ("leased_until", models.DateTimeField(blank=True, null=True)),
                ("gateway", models.CharField(blank=True, max_length=40)),
                ("gateway_id", models.CharField(blank=True, max_length=200)),
                ("service_ref", models.CharField(blank=True, max_length=16)),
                ("audience", models.CharField(blank=True, max_length=10)),
                ("delivery", models.CharField(blank=True, max_length=40)),
                ("last_error", models.CharField(blank=True, max_length=500)),
                ("sent_at", models.DateTimeField(blank=True, null=True)),
                ("report_by", models.DateTimeField(blank=True, null=True)),
                ("delivered_at", models.DateTimeField(blank=True, null=True)),
                ("sent", models.JSONField(default=dict)),
                ("created_at", models.DateTimeField(default=vestibule.store.clock.now)),
                (
                    "business",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="outbox",
                        to="people.business",
                    ),
                ),
                (
                    "used_gateway",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="messages",
                        to="notifications.gateway",
                    ),
                ),
            ],
            options={
                "ordering": ["id"],
            },
        ),
        migrations.CreateModel(
            name="MessageEvent",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("at", models.DateTimeField(default=vestibule.store.clock.now)),
                (
                    "what",
                    models.CharField(
                        choices=[
                            ("refused", "not taken"),
                            ("put_off", "put off"),
                            ("held_back", "not sent"),
                            ("fell_back", "handed to the second gateway"),
                            ("sent", "sent"),
                            ("delivered", "delivered"),
                            ("failed", "not delivered"),
                            ("complained", "called unwanted"),
                            ("answered", "answered"),
                            ("retried", "tried again by staff"),
                        ],
                        max_length=12,
                    ),
                ),
                ("gateway", models.CharField(blank=True, max_length=40)),
                ("words", models.CharField(blank=True, max_length=300)),
                (
                    "message",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="events",
                        to="notifications.outboxmessage",
                    ),
                ),
            ],
            options={
                "ordering": ["id"],
            },
        ),
        migrations.CreateModel(
            name="ProgramMail",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("operation", models.CharField(max_length=36)),
                ("size", models.PositiveIntegerField()),
                ("created_at", models.DateTimeField(default=vestibule.store.clock.now)),
                ("content", models.JSONField()),
                (
                    "business",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="program_mails", to="people.business"
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="PushSubscription",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("ref", models.CharField(default=vestibule.store.ids.new_ref, max_length=16, unique=True)),
                ("mark", models.CharField(max_length=64)),
                ("device", models.CharField(blank=True, max_length=80)),
                ("access", models.TextField()),
                ("created_at", models.DateTimeField(default=vestibule.store.clock.now)),
                ("last_taken_at", models.DateTimeField(blank=True, null=True)),
                (
                    "business",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="push_subscriptions",
                        to="people.business",
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="push_subscriptions",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Reminder",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("service_ref", models.CharField(blank=True, max_length=16)),
                ("ref", models.CharField(default=vestibule.store.ids.new_ref, max_length=16, unique=True)),
                (
                    "side",
                    models.CharField(
                        choices=[("before", "before it begins"), ("after", "after it ended")],
                        default="before",
                        max_length=6,
                    ),
                ),
                ("offset_minutes", models.PositiveIntegerField()),
                ("audiences", models.JSONField(default=list)),
                (
                    "channel",
                    models.CharField(
                        choices=[("email", "E-mail"), ("sms", "Text message"), ("push", "Browser notification")],
                        max_length=5,
                    ),
                ),
                ("words", models.CharField(blank=True, max_length=500)),
                ("is_on", models.BooleanField(default=True)),
                (
                    "business",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="reminders", to="people.business"
                    ),
                ),
            ],
            options={
                "ordering": ["side", "-offset_minutes", "id"],
            },
        ),
        migrations.CreateModel(
            name="SentCount",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("channel", models.CharField(max_length=5)),
                ("day", models.DateField(db_index=True)),
                ("scope", models.CharField(max_length=8)),
                ("who", models.CharField(blank=True, max_length=254)),
                ("used", models.PositiveIntegerField(default=0)),
                (
                    "business",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="sent_counts", to="people.business"
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Template",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("service_ref", models.CharField(blank=True, max_length=16)),
                ("kind", models.CharField(max_length=40)),
                ("audience", models.CharField(max_length=10)),
                (
                    "channel",
                    models.CharField(
                        choices=[("email", "E-mail"), ("sms", "Text message"), ("push", "Browser notification")],
                        max_length=5,
                    ),
                ),
                ("language", models.CharField(max_length=12)),
                ("subject", models.CharField(blank=True, max_length=200)),
                ("heading", models.CharField(blank=True, max_length=200)),
                ("body", models.TextField(max_length=4000)),
                ("changed_at", models.DateTimeField(default=vestibule.store.clock.now)),
                (
                    "business",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="message_templates",
                        to="people.business",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Address",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "channel",
                    models.CharField(
                        choices=[("email", "E-mail"), ("sms", "Text message"), ("push", "Browser notification")],
                        max_length=5,
                    ),
                ),
                ("value", models.CharField(max_length=254)),
                ("stopped_at", models.DateTimeField(blank=True, null=True)),
                ("bounced_at", models.DateTimeField(blank=True, null=True)),
                ("complained_at", models.DateTimeField(blank=True, null=True)),
                ("words", models.CharField(blank=True, max_length=300)),
                (
                    "business",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="addresses", to="people.business"
                    ),
                ),
            ],
            options={
                "verbose_name_plural": "addresses",
                "constraints": [
                    models.UniqueConstraint(fields=("business", "channel", "value"), name="one_address_each")
                ],
            },
        ),
        migrations.CreateModel(
            name="ConsentEntry",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "channel",
                    models.CharField(
                        choices=[("email", "E-mail"), ("sms", "Text message"), ("push", "Browser notification")],
                        max_length=5,
                    ),
                ),
                ("value", models.CharField(max_length=254)),
                ("agrees", models.BooleanField()),
                ("at", models.DateTimeField(default=vestibule.store.clock.now)),
                (
                    "source",
                    models.CharField(
                        choices=[
                            ("booking", "booking page"),
                            ("manage", "page of the appointment"),
                            ("staff", "entered by staff"),
                            ("text", "text message"),
                            ("api", "API"),
                        ],
                        max_length=8,
                    ),
                ),
                ("wording", models.CharField(blank=True, max_length=500)),
                ("language", models.CharField(blank=True, max_length=12)),
                ("subject_ref", models.CharField(blank=True, max_length=40)),
                (
                    "business",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="consent_entries",
                        to="people.business",
                    ),
                ),
            ],
            options={
                "ordering": ["-id"],
                "indexes": [
                    models.Index(fields=["business", "channel", "value"], name="notificatio_busines_dd8f27_idx")
                ],
            },
        ),
        migrations.CreateModel(
            name="IncomingText",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("external_id", models.CharField(max_length=200)),
                ("sender", models.CharField(max_length=32)),
                ("receiver", models.CharField(blank=True, max_length=32)),
                ("text", models.CharField(max_length=1600)),
                ("received_at", models.DateTimeField(default=vestibule.store.clock.now)),
                (
                    "meaning",
                    models.CharField(
                        choices=[
                            ("stop", "no more text messages"),
                            ("start", "text messages again"),
                            ("help", "asks for help"),
                            ("confirm", "comes"),
                            ("cancel", "cancels"),
                            ("late", "comes late"),
                            ("other", "something else"),
                        ],
                        default="other",
                        max_length=8,
                    ),
                ),
                ("subject_ref", models.CharField(blank=True, max_length=40)),
                ("answer", models.CharField(blank=True, max_length=300)),
                ("seen_at", models.DateTimeField(blank=True, null=True)),
                (
                    "business",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="incoming_texts", to="people.business"
                    ),
                ),
                (
                    "gateway",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="incoming",
                        to="notifications.gateway",
                    ),
                ),
            ],
            options={
                "ordering": ["-id"],
                "indexes": [models.Index(fields=["business", "sender"], name="notificatio_busines_a99ef0_idx")],
                "constraints": [models.UniqueConstraint(fields=("gateway", "external_id"), name="one_text_each")],
            },
        ),
        migrations.CreateModel(
            name="MessageChoice",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("service_ref", models.CharField(blank=True, max_length=16)),
                ("kind", models.CharField(max_length=40)),
                ("audience", models.CharField(max_length=10)),
                (
                    "channel",
                    models.CharField(
                        choices=[("email", "E-mail"), ("sms", "Text message"), ("push", "Browser notification")],
                        max_length=5,
                    ),
                ),
                ("is_on", models.BooleanField()),
                (
                    "business",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="message_choices",
                        to="people.business",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("business", "service_ref", "kind", "audience", "channel"), name="one_choice_each"
                    )
                ],
            },
        ),
        migrations.AddIndex(
            model_name="outboxmessage",
            index=models.Index(
                condition=models.Q(("state", "queued")), fields=["channel", "next_at"], name="outbox_due"
            ),
        ),
        migrations.AddIndex(
            model_name="outboxmessage",
            index=models.Index(condition=models.Q(("state", "leased")), fields=["leased_until"], name="outbox_leased"),
        ),
        migrations.AddIndex(
            model_name="outboxmessage",
            index=models.Index(
                condition=models.Q(("gateway_id", ""), _negated=True), fields=["gateway_id"], name="outbox_gateway_id"
            ),
        ),
        migrations.AddIndex(
            model_name="outboxmessage",
            index=models.Index(
                condition=models.Q(("delivery", ""), ("report_by__isnull", False), ("state", "done")),
                fields=["report_by"],
                name="outbox_unreported",
            ),
        ),
        migrations.AddIndex(
            model_name="programmail",
            index=models.Index(fields=["business", "size"], name="program_mails_kept"),
        ),
        migrations.AddConstraint(
            model_name="programmail",
            constraint=models.UniqueConstraint(fields=("business", "operation"), name="one_program_mail_each"),
        ),
        migrations.AddConstraint(
            model_name="pushsubscription",
            constraint=models.UniqueConstraint(fields=("business", "user", "mark"), name="one_subscription_each"),
        ),
        migrations.AddConstraint(
            model_name="sentcount",
            constraint=models.UniqueConstraint(
                fields=("business", "channel", "day", "scope", "who"), name="one_sent_count_each"
            ),
        ),
        migrations.AddConstraint(
            model_name="template",
            constraint=models.UniqueConstraint(
                fields=("business", "service_ref", "kind", "audience", "channel", "language"), name="one_template_each"
            ),
        ),
    ]
