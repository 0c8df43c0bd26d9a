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
            name="ProviderRules",
            fields=[
                (
                    "provider",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="own_rules",
                        serialize=False,
                        to="people.provider",
                    ),
                ),
                ("buffer_before_minutes", models.PositiveIntegerField(blank=True, null=True)),
                ("buffer_after_minutes", models.PositiveIntegerField(blank=True, null=True)),
                ("notice_minutes", models.PositiveIntegerField(blank=True, null=True)),
                ("limits", models.JSONField(blank=True, default=dict)),
            ],
        ),
        migrations.CreateModel(
            name="Appointment",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("ref", models.CharField(default=vestibule.store.ids.new_ref, max_length=16, unique=True)),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("requested", "Waiting for approval"),
                            ("booked", "Booked"),
                            ("arrived", "Arrived"),
                            ("waiting", "Waiting"),
                            ("in_visit", "In visit"),
                            ("completed", "Completed"),
                            ("no_show", "Did not come"),
                            ("not_seen", "Left before being seen"),
                            ("cancelled", "Cancelled"),
                        ],
                        default="booked",
                        max_length=10,
                    ),
                ),
                ("version", models.PositiveIntegerField(default=0)),
                ("start_minute", models.BigIntegerField()),
                ("end_minute", models.BigIntegerField()),
                ("name", models.CharField(max_length=120)),
                ("email", models.EmailField(max_length=254)),
                ("phone", models.CharField(blank=True, max_length=32)),
                ("takes_texts", models.BooleanField(default=True)),
                ("takes_mails", models.BooleanField(default=True)),
                ("timezone", models.CharField(max_length=64)),
                ("language", models.CharField(default="en", max_length=12)),
                ("answers", models.JSONField(blank=True, default=dict)),
                ("consents", models.JSONField(blank=True, default=list)),
                ("language_need", models.CharField(blank=True, max_length=60)),
                ("helpers", models.JSONField(blank=True, default=list)),
                ("note", models.TextField(blank=True)),
                ("price_minor", models.PositiveIntegerField(blank=True, null=True)),
                ("currency", models.CharField(blank=True, max_length=3)),
                ("booked_via", models.CharField(default="page", max_length=20)),
                ("running_late_minutes", models.PositiveIntegerField(blank=True, null=True)),
                ("provider_late_minutes", models.PositiveIntegerField(blank=True, null=True)),
                ("confirmed_at", models.DateTimeField(blank=True, null=True)),
                ("cancelled_by", models.CharField(blank=True, max_length=10)),
                ("cancel_reason", models.CharField(blank=True, max_length=300)),
                ("request_expires_at", models.DateTimeField(blank=True, null=True)),
                ("session", models.CharField(blank=True, db_index=True, max_length=16)),
                ("label", models.CharField(blank=True, max_length=40)),
                ("created_at", models.DateTimeField(default=vestibule.store.clock.now)),
                (
                    "business",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="appointments", to="people.business"
                    ),
                ),
                (
                    "consumer",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="appointments", to="people.consumer"
                    ),
                ),
                (
                    "follow_up_of",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="follow_ups",
                        to="booking.appointment",
                    ),
                ),
                (
                    "meeting",
                    models.OneToOneField(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="appointment",
                        to="meetings.meeting",
                    ),
                ),
                (
                    "provider",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="appointments", to="people.provider"
                    ),
                ),
            ],
            options={
                "ordering": ["start_minute", "id"],
            },
        ),
        migrations.CreateModel(
            name="DiaryReading",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("ref", models.CharField(default=vestibule.store.ids.new_ref, max_length=16, unique=True)),
                ("first_minute", models.BigIntegerField()),
                ("last_minute", models.BigIntegerField()),
                ("stood", models.JSONField(default=dict)),
                ("told", models.JSONField(default=list)),
                ("created_at", models.DateTimeField(db_index=True, default=vestibule.store.clock.now)),
                (
                    "business",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="diary_readings", to="people.business"
                    ),
                ),
                (
                    "provider",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="diary_readings", to="people.provider"
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Document",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("ref", models.CharField(default=vestibule.store.ids.new_ref, max_length=32, unique=True)),
                ("question", models.CharField(blank=True, max_length=40)),
                ("name", models.CharField(max_length=160)),
                ("media_type", models.CharField(max_length=100)),
                ("size", models.PositiveIntegerField()),
                ("content", models.BinaryField()),
                ("from_staff", models.BooleanField(default=False)),
                ("created_at", models.DateTimeField(default=vestibule.store.clock.now)),
                (
                    "appointment",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="documents",
                        to="booking.appointment",
                    ),
                ),
                (
                    "business",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="documents", to="people.business"
                    ),
                ),
            ],
            options={
                "ordering": ["id"],
            },
        ),
        migrations.CreateModel(
            name="Hold",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("ref", models.CharField(max_length=32, unique=True)),
                ("client", models.CharField(blank=True, db_index=True, max_length=64)),
                ("start_minute", models.BigIntegerField()),
                ("end_minute", models.BigIntegerField()),
                ("created_at", models.DateTimeField(default=vestibule.store.clock.now)),
                ("expires_at", models.DateTimeField()),
                (
                    "business",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="holds", to="people.business"
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Location",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("ref", models.CharField(default=vestibule.store.ids.new_ref, max_length=16, unique=True)),
                (
                    "kind",
                    models.CharField(
                        choices=[("online", "Online visit"), ("place", "In person"), ("phone", "By telephone")],
                        default="online",
                        max_length=8,
                    ),
                ),
                ("name", models.CharField(max_length=120)),
                ("address", models.CharField(blank=True, max_length=300)),
                (
                    "business",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="locations", to="people.business"
                    ),
                ),
            ],
            options={
                "ordering": ["name"],
            },
        ),
        migrations.CreateModel(
            name="Occupancy",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("start_minute", models.BigIntegerField()),
                ("end_minute", models.BigIntegerField()),
                ("shown_start", models.BigIntegerField()),
                ("shown_end", models.BigIntegerField()),
                ("buffer_before", models.PositiveIntegerField(default=0)),
                ("buffer_after", models.PositiveIntegerField(default=0)),
                ("is_active", models.BooleanField(default=True)),
                (
                    "business",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="occupancies", to="people.business"
                    ),
                ),
                (
                    "provider",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="occupancies", to="people.provider"
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Resource",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("ref", models.CharField(default=vestibule.store.ids.new_ref, max_length=16, unique=True)),
                ("slug", models.SlugField(max_length=60)),
                ("name", models.CharField(max_length=120)),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("room", "Room"),
                            ("device", "Device"),
                            ("licence", "Licence"),
                            ("other", "Something else"),
                        ],
                        default="room",
                        max_length=8,
                    ),
                ),
                ("note", models.CharField(blank=True, max_length=300)),
                ("position", models.PositiveIntegerField(default=0)),
                ("is_active", models.BooleanField(default=True)),
                ("mask_version", models.PositiveBigIntegerField(default=0)),
                (
                    "business",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="resources", to="people.business"
                    ),
                ),
            ],
            options={
                "ordering": ["position", "name", "id"],
            },
        ),
        migrations.CreateModel(
            name="ResourceClosure",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("ref", models.CharField(default=vestibule.store.ids.new_ref, max_length=16, unique=True)),
                ("start_minute", models.BigIntegerField()),
                ("end_minute", models.BigIntegerField()),
                ("reason", models.CharField(blank=True, max_length=120)),
                (
                    "resource",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="closures", to="booking.resource"
                    ),
                ),
            ],
            options={
                "ordering": ["start_minute"],
            },
        ),
        migrations.CreateModel(
            name="ResourceUnit",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("number", models.PositiveSmallIntegerField()),
                ("is_active", models.BooleanField(default=True)),
                (
                    "resource",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="units", to="booking.resource"
                    ),
                ),
            ],
            options={
                "ordering": ["number"],
            },
        ),
        migrations.CreateModel(
            name="ResourceUse",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("start_minute", models.BigIntegerField()),
                ("end_minute", models.BigIntegerField()),
                ("is_active", models.BooleanField(default=True)),
                (
                    "occupancy",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="resources", to="booking.occupancy"
                    ),
                ),
                (
                    "unit",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="uses", to="booking.resourceunit"
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Schedule",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("ref", models.CharField(default=vestibule.store.ids.new_ref, max_length=16, unique=True)),
                ("name", models.CharField(max_length=80)),
                (
                    "business",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="schedules", to="people.business"
                    ),
                ),
                (
                    "provider",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="schedules", to="people.provider"
                    ),
                ),
            ],
            options={
                "ordering": ["name", "id"],
            },
        ),
        migrations.CreateModel(
            name="DateOverride",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("ref", models.CharField(default=vestibule.store.ids.new_ref, max_length=16, unique=True)),
                ("date", models.DateField()),
                ("is_closed", models.BooleanField(default=False)),
                ("start_minute", models.PositiveSmallIntegerField(default=0)),
                ("end_minute", models.PositiveSmallIntegerField(default=0)),
                ("note", models.CharField(blank=True, max_length=120)),
                (
                    "business",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="date_overrides", to="people.business"
                    ),
                ),
                (
                    "provider",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="date_overrides",
                        to="people.provider",
                    ),
                ),
                (
                    "schedule",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="date_overrides",
                        to="booking.schedule",
                    ),
                ),
            ],
            options={
                "ordering": ["date", "start_minute"],
            },
        ),
        migrations.CreateModel(
            name="SchedulerLink",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("ref", models.CharField(default=vestibule.store.ids.new_ref, max_length=16, unique=True)),
                ("kind", models.CharField(default="bookings", max_length=20)),
                ("external_id", models.CharField(max_length=320)),
                ("name", models.CharField(blank=True, max_length=160)),
                ("page_url", models.CharField(blank=True, max_length=500)),
                ("asks_first", models.BooleanField(default=True)),
                ("is_on", models.BooleanField(default=False)),
                ("read_at", models.DateTimeField(blank=True, null=True)),
                ("setup_read_at", models.DateTimeField(blank=True, null=True)),
                ("last_tried_at", models.DateTimeField(blank=True, null=True)),
                ("failures", models.PositiveIntegerField(default=0)),
                ("problem", models.CharField(blank=True, max_length=300)),
                ("next_at", models.DateTimeField(db_index=True, default=vestibule.store.clock.now)),
                ("leased_by", models.CharField(blank=True, max_length=16)),
                ("leased_until", models.DateTimeField(blank=True, null=True)),
                ("held_back", models.PositiveIntegerField(default=0)),
                ("may_cancel", models.BooleanField(default=False)),
                (
                    "business",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE, related_name="scheduler_link", to="people.business"
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="OutsideStray",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("ref", models.CharField(default=vestibule.store.ids.new_ref, max_length=16, unique=True)),
                ("external_id", models.CharField(max_length=200)),
                ("start_minute", models.BigIntegerField()),
                ("end_minute", models.BigIntegerField()),
                ("content", models.JSONField(blank=True, default=dict)),
                ("reason", models.CharField(max_length=12)),
                ("since", models.DateTimeField(default=vestibule.store.clock.now)),
                ("seen_at", models.DateTimeField(blank=True, null=True)),
                (
                    "business",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="outside_strays", to="people.business"
                    ),
                ),
                (
                    "provider",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="outside_strays",
                        to="people.provider",
                    ),
                ),
                (
                    "link",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="strays", to="booking.schedulerlink"
                    ),
                ),
            ],
            options={
                "ordering": ["start_minute", "id"],
            },
        ),
        migrations.CreateModel(
            name="OutsideName",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("kind", models.CharField(max_length=12)),
                ("ours", models.CharField(max_length=60)),
                ("external_id", models.CharField(max_length=200)),
                ("seen", models.JSONField(blank=True, default=dict)),
                (
                    "link",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="names", to="booking.schedulerlink"
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="OutsideAppointment",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("external_id", models.CharField(blank=True, db_index=True, max_length=200)),
                ("is_wanted", models.BooleanField(default=True)),
                ("wanted", models.PositiveIntegerField(default=1)),
                ("version", models.PositiveIntegerField(default=0)),
                ("seen", models.JSONField(blank=True, default=dict)),
                ("join_url", models.CharField(blank=True, max_length=2000)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("queued", "Waiting"),
                            ("leased", "Being stored"),
                            ("done", "Stored"),
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
                ("conflict", models.CharField(blank=True, max_length=300)),
                ("conflict_at", models.DateTimeField(blank=True, null=True)),
                (
                    "appointment",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE, related_name="outside", to="booking.appointment"
                    ),
                ),
                (
                    "business",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="outside_appointments",
                        to="people.business",
                    ),
                ),
                (
                    "link",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="appointments",
                        to="booking.schedulerlink",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Seat",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("number", models.PositiveIntegerField(default=0)),
                (
                    "appointment",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="seats",
                        to="booking.appointment",
                    ),
                ),
                (
                    "hold",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="seats",
                        to="booking.hold",
                    ),
                ),
                (
                    "occupancy",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="seats", to="booking.occupancy"
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Series",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("ref", models.CharField(default=vestibule.store.ids.new_ref, max_length=16, unique=True)),
                ("unit", models.CharField(choices=[("week", "week"), ("month", "month")], max_length=5)),
                ("step", models.PositiveSmallIntegerField(default=1)),
                ("count", models.PositiveSmallIntegerField()),
                ("created_at", models.DateTimeField(default=vestibule.store.clock.now)),
                (
                    "business",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="series", to="people.business"
                    ),
                ),
            ],
        ),
        migrations.AddField(
            model_name="appointment",
            name="series",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="appointments",
                to="booking.series",
            ),
        ),
        migrations.CreateModel(
            name="Service",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("ref", models.CharField(default=vestibule.store.ids.new_ref, max_length=16, unique=True)),
                ("slug", models.SlugField(max_length=60)),
                ("name", models.CharField(max_length=120)),
                ("description", models.CharField(blank=True, max_length=600)),
                ("position", models.PositiveIntegerField(default=0)),
                (
                    "visibility",
                    models.CharField(
                        choices=[("public", "on the booking page"), ("hidden", "staff only")],
                        default="public",
                        max_length=8,
                    ),
                ),
                ("is_active", models.BooleanField(default=True)),
                ("price_minor", models.PositiveIntegerField(blank=True, null=True)),
                ("currency", models.CharField(blank=True, max_length=3)),
                ("duration_minutes", models.PositiveIntegerField(default=30)),
                ("lengths", models.JSONField(blank=True, default=list)),
                ("interval_minutes", models.PositiveIntegerField(default=30)),
                ("buffer_before_minutes", models.PositiveIntegerField(default=0)),
                ("buffer_after_minutes", models.PositiveIntegerField(default=0)),
                (
                    "alignment",
                    models.CharField(
                        choices=[
                            ("window", "from the start of working hours"),
                            ("clock", "by the clock"),
                            ("free", "from the end of the appointment before"),
                        ],
                        default="window",
                        max_length=8,
                    ),
                ),
                ("align_step_minutes", models.PositiveIntegerField(blank=True, null=True)),
                ("alignment_timezone", models.CharField(blank=True, max_length=64)),
                ("notice_minutes", models.PositiveIntegerField(default=1440)),
                ("change_notice_minutes", models.PositiveIntegerField(default=1440)),
                (
                    "window_type",
                    models.CharField(
                        choices=[
                            ("none", "any time ahead"),
                            ("rolling_days", "a number of days ahead"),
                            ("rolling_available_days", "a number of days with free times"),
                            ("range", "between two dates"),
                            ("rolling_minutes", "a number of minutes ahead"),
                        ],
                        default="rolling_days",
                        max_length=24,
                    ),
                ),
                ("window_days", models.PositiveIntegerField(default=365)),
                ("window_business_days", models.BooleanField(default=False)),
                ("window_minutes", models.PositiveIntegerField(default=0)),
                ("window_from", models.DateField(blank=True, null=True)),
                ("window_to", models.DateField(blank=True, null=True)),
                ("limits", models.JSONField(blank=True, default=dict)),
                ("seats", models.PositiveIntegerField(default=1)),
                (
                    "assignment",
                    models.CharField(
                        choices=[
                            ("any", "any one provider"),
                            ("all", "all providers together"),
                            ("mixed", "fixed providers and one of each group"),
                            ("some", "some of the providers together"),
                        ],
                        default="any",
                        max_length=8,
                    ),
                ),
                ("team_size", models.PositiveSmallIntegerField(default=0)),
                ("prefers_known_provider", models.BooleanField(default=False)),
                ("consumer_chooses_provider", models.BooleanField(default=True)),
                ("max_open_per_consumer", models.PositiveSmallIntegerField(blank=True, null=True)),
                ("needs_approval", models.BooleanField(default=False)),
                ("approval_minutes", models.PositiveIntegerField(default=1440)),
                ("no_show_after_minutes", models.PositiveSmallIntegerField(blank=True, null=True)),
                ("most_occurrences", models.PositiveSmallIntegerField(default=1)),
                ("has_waitlist", models.BooleanField(default=False)),
                ("asks_language_need", models.BooleanField(default=False)),
                ("availability", models.JSONField(blank=True, default=dict)),
                ("follows", models.JSONField(blank=True, default=list)),
                ("colour", models.CharField(blank=True, max_length=20)),
                ("questions", models.JSONField(blank=True, default=list)),
                (
                    "business",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="services", to="people.business"
                    ),
                ),
                (
                    "location",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="services",
                        to="booking.location",
                    ),
                ),
            ],
            options={
                "ordering": ["position", "name", "id"],
            },
        ),
        migrations.AddField(
            model_name="occupancy",
            name="service",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="occupancies", to="booking.service"
            ),
        ),
        migrations.AddField(
            model_name="hold",
            name="service",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="holds", to="booking.service"
            ),
        ),
        migrations.AddField(
            model_name="appointment",
            name="service",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="appointments", to="booking.service"
            ),
        ),
        migrations.CreateModel(
            name="ServiceProvider",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "role",
                    models.CharField(
                        choices=[("one_of", "one of several"), ("fixed", "always takes part")],
                        default="one_of",
                        max_length=8,
                    ),
                ),
                ("group", models.CharField(blank=True, max_length=40)),
                ("weight", models.PositiveSmallIntegerField(default=1)),
                ("turn", models.PositiveBigIntegerField(default=0)),
                (
                    "provider",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="offers", to="people.provider"
                    ),
                ),
                (
                    "schedule",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="offers",
                        to="booking.schedule",
                    ),
                ),
                (
                    "service",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="offers", to="booking.service"
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="ServiceResource",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("quantity", models.PositiveSmallIntegerField(default=1)),
                ("group", models.CharField(blank=True, max_length=40)),
                (
                    "resource",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="needed_by", to="booking.resource"
                    ),
                ),
                (
                    "service",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="needs", to="booking.service"
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="SharedQuestion",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("ref", models.CharField(default=vestibule.store.ids.new_ref, max_length=16, unique=True)),
                ("label", models.CharField(max_length=200)),
                ("choices", models.JSONField(blank=True, default=list)),
                ("created_at", models.DateTimeField(default=vestibule.store.clock.now)),
                ("changed_at", models.DateTimeField(default=vestibule.store.clock.now)),
                (
                    "business",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="shared_questions",
                        to="people.business",
                    ),
                ),
            ],
            options={
                "ordering": ["id"],
            },
        ),
        migrations.CreateModel(
            name="StatusChange",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("requested", "Waiting for approval"),
                            ("booked", "Booked"),
                            ("arrived", "Arrived"),
                            ("waiting", "Waiting"),
                            ("in_visit", "In visit"),
                            ("completed", "Completed"),
                            ("no_show", "Did not come"),
                            ("not_seen", "Left before being seen"),
                            ("cancelled", "Cancelled"),
                        ],
                        max_length=10,
                    ),
                ),
                ("at", models.DateTimeField(default=vestibule.store.clock.now)),
                ("by_kind", models.CharField(max_length=10)),
                ("by_label", models.CharField(max_length=160)),
                (
                    "appointment",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="status_changes",
                        to="booking.appointment",
                    ),
                ),
            ],
            options={
                "ordering": ["id"],
            },
        ),
        migrations.CreateModel(
            name="TimeOff",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("ref", models.CharField(default=vestibule.store.ids.new_ref, max_length=16, unique=True)),
                ("start_minute", models.BigIntegerField()),
                ("end_minute", models.BigIntegerField()),
                ("reason", models.CharField(blank=True, max_length=120)),
                (
                    "business",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="time_off", to="people.business"
                    ),
                ),
                (
                    "provider",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="time_off",
                        to="people.provider",
                    ),
                ),
                (
                    "redirect_to",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="stands_in_for",
                        to="people.provider",
                    ),
                ),
            ],
            options={
                "ordering": ["start_minute"],
            },
        ),
        migrations.CreateModel(
            name="Trip",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("ref", models.CharField(default=vestibule.store.ids.new_ref, max_length=16, unique=True)),
                ("first", models.DateField()),
                ("last", models.DateField(blank=True, null=True)),
                ("timezone", models.CharField(max_length=64)),
                (
                    "business",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="trips", to="people.business"
                    ),
                ),
                (
                    "provider",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="trips", to="people.provider"
                    ),
                ),
            ],
            options={
                "ordering": ["first", "id"],
            },
        ),
        migrations.CreateModel(
            name="WaitlistEntry",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("ref", models.CharField(default=vestibule.store.ids.new_ref, max_length=16, unique=True)),
                ("length_minutes", models.PositiveIntegerField()),
                ("name", models.CharField(max_length=120)),
                ("email", models.EmailField(max_length=254)),
                ("phone", models.CharField(blank=True, max_length=32)),
                ("takes_texts", models.BooleanField(default=True)),
                ("timezone", models.CharField(max_length=64)),
                ("language", models.CharField(default="en", max_length=12)),
                ("first", models.DateField()),
                ("last", models.DateField()),
                ("day_parts", models.JSONField(blank=True, default=list)),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("waiting", "Waiting"),
                            ("offered", "A time is offered"),
                            ("booked", "Booked"),
                            ("gone", "No longer waiting"),
                        ],
                        default="waiting",
                        max_length=8,
                    ),
                ),
                ("offered_start", models.BigIntegerField(blank=True, null=True)),
                ("offer_expires_at", models.DateTimeField(blank=True, null=True)),
                ("passed", models.JSONField(blank=True, default=list)),
                ("offers_made", models.PositiveSmallIntegerField(default=0)),
                ("created_at", models.DateTimeField(default=vestibule.store.clock.now)),
                (
                    "appointment",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="waitlist",
                        to="booking.appointment",
                    ),
                ),
                (
                    "business",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="waitlist", to="people.business"
                    ),
                ),
                (
                    "hold",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="waitlist",
                        to="booking.hold",
                    ),
                ),
                (
                    "provider",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="waitlist",
                        to="people.provider",
                    ),
                ),
                (
                    "service",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="waitlist", to="booking.service"
                    ),
                ),
            ],
            options={
                "verbose_name_plural": "waitlist entries",
                "ordering": ["id"],
            },
        ),
        migrations.CreateModel(
            name="WeeklyHours",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("weekday", models.PositiveSmallIntegerField()),
                ("start_minute", models.PositiveSmallIntegerField()),
                ("end_minute", models.PositiveSmallIntegerField()),
                (
                    "business",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="weekly_hours", to="people.business"
                    ),
                ),
                (
                    "provider",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="weekly_hours",
                        to="people.provider",
                    ),
                ),
                (
                    "schedule",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="weekly_hours",
                        to="booking.schedule",
                    ),
                ),
            ],
            options={
                "ordering": ["weekday", "start_minute"],
            },
        ),
        migrations.CreateModel(
            name="BookingsMembers",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("kind", models.CharField(max_length=12)),
                ("ref", models.CharField(max_length=40)),
                ("members", models.JSONField(default=dict)),
                (
                    "business",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="bookings_members",
                        to="people.business",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("business", "kind", "ref"), name="one_row_of_bookings_members")
                ],
            },
        ),
        migrations.CreateModel(
            name="DiaryEvent",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("ref", models.CharField(default=vestibule.store.ids.new_ref, max_length=16, unique=True)),
                ("transaction", models.CharField(blank=True, max_length=255)),
                ("title", models.CharField(blank=True, max_length=255)),
                ("text", models.TextField(blank=True)),
                ("is_html", models.BooleanField(default=True)),
                ("place", models.CharField(blank=True, max_length=255)),
                (
                    "shows",
                    models.CharField(
                        choices=[
                            ("free", "Free"),
                            ("tentative", "Tentative"),
                            ("busy", "Busy"),
                            ("oof", "Out of office"),
                            ("workingElsewhere", "Working elsewhere"),
                        ],
                        default="busy",
                        max_length=16,
                    ),
                ),
                ("is_all_day", models.BooleanField(default=False)),
                ("is_private", models.BooleanField(default=False)),
                ("attendees", models.JSONField(blank=True, default=list)),
                ("start_minute", models.BigIntegerField()),
                ("end_minute", models.BigIntegerField()),
                ("busy_id", models.BigIntegerField(blank=True, null=True)),
                ("version", models.PositiveIntegerField(default=1)),
                ("created_at", models.DateTimeField(default=vestibule.store.clock.now)),
                ("changed_at", models.DateTimeField(default=vestibule.store.clock.now)),
                (
                    "business",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="diary_events", to="people.business"
                    ),
                ),
                (
                    "meeting",
                    models.OneToOneField(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="diary_event",
                        to="meetings.meeting",
                    ),
                ),
                (
                    "provider",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="diary_events", to="people.provider"
                    ),
                ),
            ],
            options={
                "ordering": ["start_minute", "id"],
                "indexes": [models.Index(fields=["provider", "end_minute"], name="booking_dia_provide_3eefc8_idx")],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("transaction", ""), _negated=True),
                        fields=("provider", "transaction"),
                        name="one_diary_event_by_name",
                    )
                ],
            },
        ),
        migrations.AddConstraint(
            model_name="resource",
            constraint=models.UniqueConstraint(fields=("business", "slug"), name="resource_slug"),
        ),
        migrations.AddConstraint(
            model_name="resourceunit",
            constraint=models.UniqueConstraint(fields=("resource", "number"), name="one_unit_per_number"),
        ),
        migrations.AddIndex(
            model_name="resourceuse",
            index=models.Index(
                condition=models.Q(("is_active", True)), fields=["unit", "end_minute"], name="unit_live"
            ),
        ),
        migrations.AddConstraint(
            model_name="resourceuse",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("end_minute__gt", models.F("start_minute")),
                    ("end_minute__lt", 4294967296),
                    ("start_minute__gte", 0),
                ),
                name="use_is_a_stretch",
            ),
        ),
        migrations.AddConstraint(
            model_name="schedule",
            constraint=models.UniqueConstraint(fields=("provider", "name"), name="schedule_name"),
        ),
        migrations.AddConstraint(
            model_name="outsidestray",
            constraint=models.UniqueConstraint(fields=("link", "external_id"), name="one_stray_by_outside_id"),
        ),
        migrations.AddConstraint(
            model_name="outsidename",
            constraint=models.UniqueConstraint(fields=("link", "kind", "ours"), name="one_outside_name_each"),
        ),
        migrations.AddConstraint(
            model_name="outsidename",
            constraint=models.UniqueConstraint(
                fields=("link", "kind", "external_id"), name="one_thing_by_outside_name"
            ),
        ),
        migrations.AddIndex(
            model_name="outsideappointment",
            index=models.Index(
                condition=models.Q(("state__in", ["queued", "leased"])), fields=["next_at"], name="scheduled_due"
            ),
        ),
        migrations.AddConstraint(
            model_name="seat",
            constraint=models.UniqueConstraint(fields=("occupancy", "number"), name="one_user_per_seat"),
        ),
        migrations.AddConstraint(
            model_name="seat",
            constraint=models.UniqueConstraint(fields=("occupancy", "appointment"), name="one_seat_per_appointment"),
        ),
        migrations.AddConstraint(
            model_name="seat",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("appointment__isnull", False), ("hold__isnull", True)),
                    models.Q(("appointment__isnull", True), ("hold__isnull", False)),
                    _connector="OR",
                ),
                name="seat_has_one_user",
            ),
        ),
        migrations.AddConstraint(
            model_name="service",
            constraint=models.UniqueConstraint(fields=("business", "slug"), name="service_slug"),
        ),
        migrations.AddIndex(
            model_name="occupancy",
            index=models.Index(
                condition=models.Q(("is_active", True)), fields=["provider", "end_minute"], name="occupancy_live"
            ),
        ),
        migrations.AddConstraint(
            model_name="occupancy",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("end_minute__gt", models.F("start_minute")),
                    ("end_minute__lt", 4294967296),
                    ("start_minute__gte", 0),
                ),
                name="occupancy_is_a_stretch",
            ),
        ),
        migrations.AddIndex(
            model_name="hold",
            index=models.Index(fields=["expires_at"], name="booking_hol_expires_7ce6c8_idx"),
        ),
        migrations.AddIndex(
            model_name="appointment",
            index=models.Index(fields=["business", "start_minute"], name="booking_app_busines_1f067a_idx"),
        ),
        migrations.AddIndex(
            model_name="appointment",
            index=models.Index(fields=["business", "status", "start_minute"], name="booking_app_busines_9a436d_idx"),
        ),
        migrations.AddIndex(
            model_name="appointment",
            index=models.Index(fields=["provider", "start_minute"], name="booking_app_provide_2c6e89_idx"),
        ),
        migrations.AddIndex(
            model_name="appointment",
            index=models.Index(fields=["consumer", "start_minute"], name="booking_app_consume_3d22f7_idx"),
        ),
        migrations.AddConstraint(
            model_name="serviceprovider",
            constraint=models.UniqueConstraint(fields=("service", "provider"), name="one_offer_each"),
        ),
        migrations.AddConstraint(
            model_name="serviceresource",
            constraint=models.UniqueConstraint(fields=("service", "resource"), name="one_need_each"),
        ),
        migrations.AddIndex(
            model_name="waitlistentry",
            index=models.Index(fields=["business", "status", "service"], name="booking_wai_busines_489ac3_idx"),
        ),
    ]
