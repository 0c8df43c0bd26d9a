import django.db.models.deletion
from django.db import migrations, models

import vestibule.calendars.models
import vestibule.store.clock
import vestibule.store.ids


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("people", "0001_initial"),
    ]

    operations = [
        migrations.CreateModel(
            name="Connection",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("ref", models.CharField(default=vestibule.store.ids.new_ref, max_length=16, unique=True)),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("ics", "Calendar address (ICS)"),
                            ("caldav", "CalDAV account"),
                            ("outlook", "Outlook calendar"),
                        ],
                        max_length=10,
                    ),
                ),
                ("name", models.CharField(max_length=120)),
                ("host", models.CharField(blank=True, max_length=255)),
                ("access", models.TextField()),
                ("all_day_counts", models.BooleanField(default=True)),
                ("only_times", models.BooleanField(default=False)),
                ("tolerance_minutes", models.PositiveIntegerField(blank=True, default=60, null=True)),
                ("last_tried_at", models.DateTimeField(blank=True, null=True)),
                ("last_reached_at", models.DateTimeField(blank=True, null=True)),
                ("problem_kind", models.CharField(blank=True, max_length=12)),
                ("problem", models.CharField(blank=True, max_length=300)),
                ("failures", models.PositiveIntegerField(default=0)),
                ("next_at", models.DateTimeField(db_index=True, default=vestibule.store.clock.now)),
                ("leased_by", models.CharField(blank=True, max_length=16)),
                ("leased_until", models.DateTimeField(blank=True, null=True)),
                ("created_at", models.DateTimeField(default=vestibule.store.clock.now)),
                (
                    "business",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="connections", to="people.business"
                    ),
                ),
                (
                    "provider",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="connections", to="people.provider"
                    ),
                ),
            ],
            options={
                "ordering": ["id"],
            },
        ),
        migrations.CreateModel(
            name="LinkedCalendar",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("address", models.CharField(blank=True, max_length=500)),
                ("name", models.CharField(blank=True, max_length=200)),
                ("can_write", models.BooleanField(default=False)),
                ("counts_busy", models.BooleanField(default=True)),
                ("receives", models.BooleanField(default=False)),
                ("token", models.TextField(blank=True)),
                ("read_whole_at", models.DateTimeField(blank=True, null=True)),
                (
                    "connection",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="calendars", to="calendars.connection"
                    ),
                ),
            ],
            options={
                "ordering": ["id"],
            },
        ),
        migrations.CreateModel(
            name="CalendarSubscription",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("kind", models.CharField(max_length=10)),
                ("hook", models.CharField(default=vestibule.calendars.models.new_hook, max_length=43, unique=True)),
                ("origin", models.CharField(max_length=255)),
                ("external_id", models.CharField(blank=True, db_index=True, max_length=100)),
                (
                    "state",
                    models.CharField(
                        choices=[("making", "Being made"), ("live", "Live"), ("failed", "Failed")],
                        default="making",
                        max_length=8,
                    ),
                ),
                ("is_asked", models.BooleanField(default=False)),
                ("expires_at", models.DateTimeField(blank=True, null=True)),
                ("told_at", models.DateTimeField(blank=True, null=True)),
                ("failures", models.PositiveIntegerField(default=0)),
                ("problem", models.CharField(blank=True, max_length=300)),
                ("next_at", models.DateTimeField(db_index=True, default=vestibule.store.clock.now)),
                ("leased_by", models.CharField(blank=True, max_length=16)),
                ("leased_until", models.DateTimeField(blank=True, null=True)),
                ("created_at", models.DateTimeField(default=vestibule.store.clock.now)),
                (
                    "business",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="calendar_subscriptions",
                        to="people.business",
                    ),
                ),
                (
                    "calendar",
                    models.OneToOneField(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="subscription",
                        to="calendars.linkedcalendar",
                    ),
                ),
            ],
            options={
                "ordering": ["id"],
            },
        ),
        migrations.CreateModel(
            name="BusyInterval",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("start_minute", models.BigIntegerField()),
                ("end_minute", models.BigIntegerField()),
                ("source", models.CharField(default="manual", max_length=40)),
                ("external_id", models.CharField(blank=True, max_length=500)),
                ("summary", models.CharField(blank=True, max_length=200)),
                ("closes", models.BooleanField(default=False)),
                (
                    "business",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="busy_intervals", to="people.business"
                    ),
                ),
                (
                    "provider",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="busy_intervals", to="people.provider"
                    ),
                ),
                (
                    "calendar",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="busy_intervals",
                        to="calendars.linkedcalendar",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="ShownAppointment",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("appointment", models.CharField(db_index=True, max_length=16)),
                ("version", models.PositiveIntegerField(default=0)),
                ("content", models.JSONField(default=dict)),
                ("is_wanted", models.BooleanField(default=True)),
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
                ("last_error", models.CharField(blank=True, max_length=300)),
                ("href", models.CharField(blank=True, max_length=500)),
                ("etag", models.CharField(blank=True, max_length=200)),
                (
                    "differs",
                    models.CharField(
                        blank=True,
                        choices=[("moved", "Moved in the calendar"), ("deleted", "Deleted in the calendar")],
                        max_length=8,
                    ),
                ),
                ("differs_at", models.DateTimeField(blank=True, null=True)),
                ("put_back", models.PositiveIntegerField(default=0)),
                (
                    "business",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="shown_appointments",
                        to="people.business",
                    ),
                ),
                (
                    "calendar",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="shown", to="calendars.linkedcalendar"
                    ),
                ),
            ],
            options={
                "ordering": ["id"],
            },
        ),
        migrations.AddConstraint(
            model_name="linkedcalendar",
            constraint=models.UniqueConstraint(fields=("connection", "address"), name="one_link_each"),
        ),
        migrations.AddIndex(
            model_name="busyinterval",
            index=models.Index(fields=["provider", "end_minute"], name="calendars_b_provide_79b273_idx"),
        ),
        migrations.AddIndex(
            model_name="shownappointment",
            index=models.Index(
                condition=models.Q(("state__in", ["queued", "leased"])), fields=["next_at"], name="shown_due"
            ),
        ),
        migrations.AddConstraint(
            model_name="shownappointment",
            constraint=models.UniqueConstraint(fields=("calendar", "appointment"), name="shown_once_per_calendar"),
        ),
    ]
