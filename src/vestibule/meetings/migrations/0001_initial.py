import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import vestibule.store.clock
import vestibule.store.ids


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("chat", "0001_initial"),
        ("people", "0001_initial"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="RelayCheck",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("url", models.CharField(max_length=300, unique=True)),
                ("ok", models.BooleanField()),
                ("milliseconds", models.PositiveIntegerField(blank=True, null=True)),
                ("words", models.CharField(blank=True, max_length=200)),
                ("checked_at", models.DateTimeField(default=vestibule.store.clock.now)),
                ("since", models.DateTimeField(default=vestibule.store.clock.now)),
            ],
            options={
                "ordering": ["id"],
            },
        ),
        migrations.CreateModel(
            name="AreaMedia",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("ref", models.CharField(default=vestibule.store.ids.new_ref, max_length=32, unique=True)),
                ("media_type", models.CharField(max_length=40)),
                ("alternative", models.CharField(blank=True, max_length=200)),
                ("size", models.PositiveIntegerField()),
                ("content", models.BinaryField()),
                ("created_at", models.DateTimeField(default=vestibule.store.clock.now)),
                (
                    "business",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="area_media", to="people.business"
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="DeskAlerts",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("sound", models.BooleanField(default=True)),
                ("title", models.BooleanField(default=True)),
                ("desktop", models.BooleanField(default=False)),
                ("email", models.BooleanField(default=False)),
                ("sms", models.BooleanField(default=False)),
                ("phone", models.CharField(blank=True, max_length=32)),
                ("push_arrived", models.BooleanField(default=False)),
                ("push_late", models.BooleanField(default=False)),
                ("push_names", models.BooleanField(default=False)),
                ("after_minutes", models.PositiveSmallIntegerField(default=5)),
                ("only_mine", models.BooleanField(default=True)),
                (
                    "business",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="desk_alerts", to="people.business"
                    ),
                ),
                (
                    "membership",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE, related_name="desk_alerts", to="people.membership"
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Meeting",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("ref", models.CharField(default=vestibule.store.ids.new_ref, max_length=16, unique=True)),
                ("number", models.BigIntegerField(default=vestibule.store.ids.new_number, unique=True)),
                ("created_at", models.DateTimeField(default=vestibule.store.clock.now)),
                (
                    "kind",
                    models.CharField(
                        choices=[("scheduled", "Scheduled"), ("walk_in", "Walk-in"), ("room", "Room")],
                        default="scheduled",
                        max_length=10,
                    ),
                ),
                ("title", models.CharField(max_length=160)),
                ("reason", models.CharField(blank=True, max_length=300)),
                ("contact", models.JSONField(blank=True, default=dict)),
                ("starts_at", models.DateTimeField()),
                ("ends_at", models.DateTimeField()),
                ("opens_at", models.DateTimeField()),
                ("closes_at", models.DateTimeField()),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("planned", "Planned"),
                            ("live", "In progress"),
                            ("ended", "Ended"),
                            ("cancelled", "Cancelled"),
                        ],
                        default="planned",
                        max_length=10,
                    ),
                ),
                ("backend", models.CharField(default="p2p", max_length=20)),
                ("epoch", models.PositiveIntegerField(default=1)),
                ("is_locked", models.BooleanField(default=False)),
                ("dials_out", models.BooleanField(default=False)),
                ("went_live_at", models.DateTimeField(blank=True, null=True)),
                ("ended_at", models.DateTimeField(blank=True, null=True)),
                (
                    "business",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="meetings", to="people.business"
                    ),
                ),
                (
                    "host",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="hosted_meetings",
                        to="people.provider",
                    ),
                ),
                (
                    "thread",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT, related_name="meeting", to="chat.thread"
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="OutsideThread",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("kind", models.CharField(max_length=20)),
                ("external_id", models.CharField(blank=True, db_index=True, max_length=200)),
                ("speaker", models.CharField(blank=True, max_length=200)),
                ("people", models.JSONField(blank=True, default=list)),
                ("said", models.JSONField(blank=True, default=dict)),
                ("attempts", models.PositiveIntegerField(default=0)),
                ("next_at", models.DateTimeField(default=vestibule.store.clock.now)),
                ("problem", models.CharField(blank=True, max_length=300)),
                ("deleted_at", models.DateTimeField(blank=True, null=True)),
                (
                    "business",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="outside_threads",
                        to="people.business",
                    ),
                ),
                (
                    "meeting",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="outside_thread",
                        to="meetings.meeting",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Participant",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("ref", models.CharField(default=vestibule.store.ids.new_ref, max_length=16, unique=True)),
                (
                    "kind",
                    models.CharField(
                        choices=[("consumer", "Consumer"), ("provider", "Provider"), ("helper", "Helper")],
                        max_length=10,
                    ),
                ),
                (
                    "role",
                    models.CharField(
                        choices=[
                            ("presenter", "Presenter"),
                            ("collaborator", "Collaborator"),
                            ("attendee", "Attendee"),
                            ("consumer", "Consumer"),
                        ],
                        max_length=12,
                    ),
                ),
                ("identity_key", models.CharField(blank=True, max_length=40)),
                ("name", models.CharField(max_length=120)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("invited", "Not here yet"),
                            ("arrived", "Checking devices"),
                            ("waiting", "Waiting"),
                            ("on_hold", "On hold"),
                            ("admitted", "Admitted"),
                            ("in_call", "In the call"),
                            ("left", "Left"),
                            ("denied", "Not admitted"),
                            ("removed", "Removed"),
                        ],
                        default="invited",
                        max_length=10,
                    ),
                ),
                ("arrived_at", models.DateTimeField(blank=True, null=True)),
                ("waiting_since", models.DateTimeField(blank=True, null=True)),
                ("held_at", models.DateTimeField(blank=True, null=True)),
                ("admitted_at", models.DateTimeField(blank=True, null=True)),
                ("joined_at", models.DateTimeField(blank=True, null=True)),
                ("left_at", models.DateTimeField(blank=True, null=True)),
                ("notice", models.CharField(blank=True, max_length=500)),
                ("devices", models.JSONField(default=dict)),
                ("identity", models.JSONField(blank=True, default=dict)),
                ("wrong_tries", models.PositiveSmallIntegerField(default=0)),
                ("locked_at", models.DateTimeField(blank=True, null=True)),
                (
                    "meeting",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="participants", to="meetings.meeting"
                    ),
                ),
                (
                    "provider",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="seats",
                        to="people.provider",
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="seats",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "ordering": ["id"],
            },
        ),
        migrations.CreateModel(
            name="OutsideIdentity",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("kind", models.CharField(max_length=20)),
                ("external_id", models.CharField(max_length=200)),
                ("issued_at", models.DateTimeField(blank=True, null=True)),
                ("expires_at", models.DateTimeField(blank=True, null=True)),
                ("revoked_at", models.DateTimeField(blank=True, null=True)),
                ("deleted_at", models.DateTimeField(blank=True, null=True)),
                ("attempts", models.PositiveIntegerField(default=0)),
                ("next_at", models.DateTimeField(default=vestibule.store.clock.now)),
                ("problem", models.CharField(blank=True, max_length=300)),
                (
                    "business",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="outside_identities",
                        to="people.business",
                    ),
                ),
                (
                    "participant",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="outside_identity",
                        to="meetings.participant",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="MeetingEvent",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("at", models.DateTimeField(default=vestibule.store.clock.now)),
                ("kind", models.CharField(max_length=40)),
                ("details", models.JSONField(default=dict)),
                (
                    "meeting",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="events", to="meetings.meeting"
                    ),
                ),
                (
                    "participant",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="events",
                        to="meetings.participant",
                    ),
                ),
            ],
            options={
                "ordering": ["id"],
            },
        ),
        migrations.CreateModel(
            name="CallRequest",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("phone", models.CharField(max_length=32)),
                ("asked_at", models.DateTimeField(default=vestibule.store.clock.now)),
                ("done_at", models.DateTimeField(blank=True, null=True)),
                ("done_by", models.CharField(blank=True, max_length=160)),
                (
                    "meeting",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="call_requests", to="meetings.meeting"
                    ),
                ),
                (
                    "participant",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="call_requests",
                        to="meetings.participant",
                    ),
                ),
            ],
            options={
                "ordering": ["id"],
            },
        ),
        migrations.CreateModel(
            name="Recording",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("ref", models.CharField(default=vestibule.store.ids.new_ref, max_length=16, unique=True)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("asking", "Asking everybody"),
                            ("running", "Recording"),
                            ("stopping", "Being finished"),
                            ("ready", "Ready"),
                            ("failed", "Failed"),
                            ("refused", "Somebody did not agree"),
                            ("deleted", "Deleted"),
                        ],
                        default="asking",
                        max_length=10,
                    ),
                ),
                ("asked_by", models.CharField(max_length=160)),
                ("consents", models.JSONField(default=dict)),
                ("backend_ref", models.CharField(blank=True, max_length=80)),
                ("place", models.CharField(blank=True, max_length=300)),
                ("size", models.PositiveBigIntegerField(blank=True, null=True)),
                ("seconds", models.PositiveIntegerField(blank=True, null=True)),
                ("failure", models.CharField(blank=True, max_length=300)),
                ("asked_at", models.DateTimeField(default=vestibule.store.clock.now)),
                ("started_at", models.DateTimeField(blank=True, null=True)),
                ("ended_at", models.DateTimeField(blank=True, null=True)),
                ("delete_after", models.DateTimeField(blank=True, null=True)),
                (
                    "business",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="recordings", to="people.business"
                    ),
                ),
                (
                    "meeting",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="recordings", to="meetings.meeting"
                    ),
                ),
            ],
            options={
                "ordering": ["id"],
            },
        ),
        migrations.CreateModel(
            name="VisitNote",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("ref", models.CharField(default=vestibule.store.ids.new_ref, max_length=16, unique=True)),
                (
                    "kind",
                    models.CharField(
                        choices=[("private", "Only for staff"), ("after_visit", "For the consumer")], max_length=12
                    ),
                ),
                ("author_name", models.CharField(max_length=120)),
                ("text", models.TextField(blank=True)),
                ("created_at", models.DateTimeField(default=vestibule.store.clock.now)),
                ("updated_at", models.DateTimeField(default=vestibule.store.clock.now)),
                ("sent_at", models.DateTimeField(blank=True, null=True)),
                ("attachments", models.ManyToManyField(blank=True, related_name="notes", to="chat.attachment")),
                (
                    "author",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="visit_notes",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "business",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="visit_notes", to="people.business"
                    ),
                ),
                (
                    "meeting",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="notes", to="meetings.meeting"
                    ),
                ),
            ],
            options={
                "ordering": ["id"],
            },
        ),
        migrations.CreateModel(
            name="VisitRecord",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("is_past", models.BooleanField(default=False)),
                ("starts_at", models.DateTimeField()),
                ("came_at", models.DateTimeField(blank=True, null=True)),
                ("waited_from", models.DateTimeField(blank=True, null=True)),
                ("waiting_now", models.DateTimeField(blank=True, null=True)),
                ("wait_seconds", models.PositiveIntegerField(default=0)),
                ("seen_at", models.DateTimeField(blank=True, null=True)),
                ("host_at", models.DateTimeField(blank=True, null=True)),
                ("joined_at", models.DateTimeField(blank=True, null=True)),
                ("both_at", models.DateTimeField(blank=True, null=True)),
                ("parted_at", models.DateTimeField(blank=True, null=True)),
                ("ended_at", models.DateTimeField(blank=True, null=True)),
                (
                    "result",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("", "Not over yet"),
                            ("seen", "Took place"),
                            ("not_seen", "Left before being seen"),
                            ("not_come", "Did not come"),
                        ],
                        default="",
                        max_length=10,
                    ),
                ),
                ("failures", models.JSONField(blank=True, default=dict)),
                (
                    "business",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="visit_records", to="people.business"
                    ),
                ),
                (
                    "meeting",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="records", to="meetings.meeting"
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="VisitRules",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "backend",
                    models.CharField(
                        choices=[
                            ("auto", "Choose by itself"),
                            ("p2p", "Always between the browsers"),
                            ("livekit", "Always over the media server"),
                        ],
                        default="auto",
                        max_length=10,
                    ),
                ),
                ("hides_addresses", models.BooleanField(default=False)),
                ("consumers_share", models.BooleanField(default=True)),
                ("staff_share", models.BooleanField(default=True)),
                ("blur", models.BooleanField(default=True)),
                (
                    "device_check",
                    models.CharField(
                        choices=[
                            ("required", "Everybody goes through it before joining"),
                            ("offered", "Whoever wants to"),
                        ],
                        default="offered",
                        max_length=8,
                    ),
                ),
                ("helper_links", models.BooleanField(default=True)),
                ("chat", models.BooleanField(default=True)),
                ("files", models.BooleanField(default=True)),
                (
                    "history",
                    models.CharField(
                        choices=[("all", "Everything"), ("since_joining", "Only what is written after they came in")],
                        default="all",
                        max_length=14,
                    ),
                ),
                ("chat_days", models.PositiveSmallIntegerField(default=365)),
                (
                    "captions",
                    models.CharField(
                        choices=[
                            ("off", "Typed captions only"),
                            ("browser", "By each person's browser, if they agree"),
                            ("server", "By a speech engine of yours"),
                        ],
                        default="off",
                        max_length=8,
                    ),
                ),
                ("recording", models.BooleanField(default=False)),
                ("recording_days", models.PositiveSmallIntegerField(default=30)),
                ("end_hint_minutes", models.PositiveSmallIntegerField(default=5)),
                ("dial_in", models.CharField(blank=True, max_length=40)),
                ("dial_in_code", models.CharField(blank=True, max_length=20)),
                ("takes_call_requests", models.BooleanField(default=True)),
                (
                    "business",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE, related_name="visit_rules", to="people.business"
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="WaitingArea",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("ref", models.CharField(default=vestibule.store.ids.new_ref, max_length=16, unique=True)),
                ("slug", models.SlugField(max_length=60)),
                ("name", models.CharField(max_length=120)),
                ("is_default", models.BooleanField(default=False)),
                ("is_active", models.BooleanField(default=True)),
                ("position", models.PositiveIntegerField(default=0)),
                ("takes_walk_ins", models.BooleanField(default=False)),
                ("walk_in_minutes", models.PositiveSmallIntegerField(default=15)),
                ("hours", models.JSONField(blank=True, default=list)),
                ("closed_at", models.DateTimeField(blank=True, null=True)),
                ("closed_until", models.DateTimeField(blank=True, null=True)),
                ("closed_words", models.CharField(blank=True, max_length=300)),
                ("amber_minutes", models.PositiveSmallIntegerField(default=5)),
                ("red_minutes", models.PositiveSmallIntegerField(default=15)),
                ("identity_fields", models.JSONField(blank=True, default=list)),
                ("content_title", models.CharField(blank=True, max_length=120)),
                ("content_text", models.TextField(blank=True)),
                ("support_phone", models.CharField(blank=True, max_length=32)),
                ("shows_position", models.BooleanField(default=True)),
                ("shows_expected_wait", models.BooleanField(default=True)),
                ("created_at", models.DateTimeField(default=vestibule.store.clock.now)),
                (
                    "business",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="waiting_areas", to="people.business"
                    ),
                ),
                (
                    "content_media",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="shown_in_areas",
                        to="meetings.areamedia",
                    ),
                ),
                ("providers", models.ManyToManyField(blank=True, related_name="waiting_areas", to="people.provider")),
            ],
            options={
                "ordering": ["position", "name", "id"],
            },
        ),
        migrations.CreateModel(
            name="PreparedText",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("ref", models.CharField(default=vestibule.store.ids.new_ref, max_length=16, unique=True)),
                ("text", models.CharField(max_length=500)),
                ("after_minutes", models.PositiveSmallIntegerField(blank=True, null=True)),
                ("position", models.PositiveIntegerField(default=0)),
                (
                    "business",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="prepared_texts", to="people.business"
                    ),
                ),
                (
                    "area",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="prepared_texts",
                        to="meetings.waitingarea",
                    ),
                ),
            ],
            options={
                "ordering": ["position", "id"],
            },
        ),
        migrations.AddField(
            model_name="meeting",
            name="area",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="meetings",
                to="meetings.waitingarea",
            ),
        ),
        migrations.CreateModel(
            name="OnlineMeeting",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("external_id", models.CharField(blank=True, max_length=256)),
                ("needs_passcode", models.BooleanField(default=True)),
                ("nonce", models.CharField(default=vestibule.store.ids.new_ref, max_length=16)),
                ("attendees", models.JSONField(blank=True, default=list)),
                (
                    "business",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="online_meetings",
                        to="people.business",
                    ),
                ),
                (
                    "meeting",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE, related_name="online", to="meetings.meeting"
                    ),
                ),
                (
                    "organizer",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="online_meetings",
                        to="people.provider",
                    ),
                ),
            ],
            options={
                "ordering": ["id"],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("external_id", ""), _negated=True),
                        fields=("organizer", "external_id"),
                        name="one_online_meeting_by_name",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="OutsidePlace",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "kind",
                    models.CharField(
                        choices=[("teams", "Meeting in Teams"), ("acs_room", "Room of Azure Communication Services")],
                        max_length=10,
                    ),
                ),
                ("is_wanted", models.BooleanField(default=True)),
                ("wanted", models.PositiveIntegerField(default=1)),
                ("version", models.PositiveIntegerField(default=0)),
                ("order", models.JSONField(default=dict)),
                ("made", models.JSONField(blank=True, default=dict)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("queued", "Waiting"),
                            ("leased", "Being made"),
                            ("done", "Made"),
                            ("failed", "Failed"),
                        ],
                        default="queued",
                        max_length=8,
                    ),
                ),
                ("attempts", models.PositiveIntegerField(default=0)),
                ("next_at", models.DateTimeField(default=vestibule.store.clock.now)),
                ("leased_by", models.CharField(blank=True, max_length=16)),
                ("leased_until", models.DateTimeField(blank=True, null=True)),
                ("problem", models.CharField(blank=True, max_length=300)),
                (
                    "business",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="outside_places", to="people.business"
                    ),
                ),
                (
                    "meeting",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE, related_name="outside", to="meetings.meeting"
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(
                        condition=models.Q(("state__in", ["queued", "leased"])), fields=["next_at"], name="outside_due"
                    )
                ],
            },
        ),
        migrations.AddIndex(
            model_name="participant",
            index=models.Index(fields=["identity_key"], name="seats_by_identity"),
        ),
        migrations.AddConstraint(
            model_name="participant",
            constraint=models.UniqueConstraint(
                condition=models.Q(("identity_key", ""), _negated=True),
                fields=("meeting", "identity_key"),
                name="one_seat_an_identity",
            ),
        ),
        migrations.AddIndex(
            model_name="outsideidentity",
            index=models.Index(
                condition=models.Q(("deleted_at__isnull", True)), fields=["next_at"], name="identity_left"
            ),
        ),
        migrations.AddIndex(
            model_name="visitrecord",
            index=models.Index(fields=["business", "starts_at"], name="visit_record_by_start"),
        ),
        migrations.AddConstraint(
            model_name="visitrecord",
            constraint=models.UniqueConstraint(
                condition=models.Q(("is_past", False)), fields=("meeting",), name="one_record_a_visit"
            ),
        ),
        migrations.AddConstraint(
            model_name="waitingarea",
            constraint=models.UniqueConstraint(fields=("business", "slug"), name="waiting_area_slug"),
        ),
        migrations.AddConstraint(
            model_name="waitingarea",
            constraint=models.UniqueConstraint(
                condition=models.Q(("is_default", True)), fields=("business",), name="one_default_waiting_area"
            ),
        ),
        migrations.AddIndex(
            model_name="meeting",
            index=models.Index(fields=["business", "starts_at"], name="meetings_me_busines_5aadaa_idx"),
        ),
        migrations.AddIndex(
            model_name="meeting",
            index=models.Index(fields=["business", "closes_at"], name="meetings_me_busines_a9882e_idx"),
        ),
        migrations.AddIndex(
            model_name="meeting",
            index=models.Index(
                condition=models.Q(("kind", "room")), fields=["business", "number"], name="rooms_by_number"
            ),
        ),
    ]
