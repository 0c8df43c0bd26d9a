import uuid

import django.core.serializers.json
import django.db.models.deletion
from django.db import migrations, models

import vestibule.store.clock


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("people", "0001_initial"),
    ]

    operations = [
        migrations.CreateModel(
            name="Subscription",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("guid", models.UUIDField(default=uuid.uuid4, unique=True)),
                ("name", models.CharField(max_length=64)),
                (
                    "shape",
                    models.CharField(
                        choices=[
                            ("event_grid", "Event Grid"),
                            ("cloud_events", "CloudEvents 1.0"),
                            ("graph", "Microsoft Graph"),
                        ],
                        max_length=12,
                    ),
                ),
                ("address", models.TextField()),
                ("life_address", models.TextField(blank=True)),
                ("client_state", models.TextField(blank=True)),
                ("shown", models.CharField(max_length=300)),
                ("kinds", models.JSONField(blank=True, default=list)),
                ("subject", models.CharField(blank=True, max_length=200)),
                ("wants", models.JSONField(blank=True, default=list)),
                ("resource", models.CharField(blank=True, max_length=500)),
                ("owner", models.CharField(blank=True, max_length=80)),
                (
                    "state",
                    models.CharField(
                        choices=[("pending", "Not confirmed yet"), ("active", "Told"), ("ended", "Ended")],
                        default="pending",
                        max_length=8,
                    ),
                ),
                ("validation_code", models.CharField(blank=True, max_length=40)),
                ("validate_by", models.DateTimeField(blank=True, null=True)),
                ("expires_at", models.DateTimeField(blank=True, null=True)),
                ("failures", models.PositiveIntegerField(default=0)),
                ("failing_since", models.DateTimeField(blank=True, null=True)),
                ("problem", models.CharField(blank=True, max_length=300)),
                ("slow_seconds", models.FloatField(default=0)),
                ("next_at", models.DateTimeField(default=vestibule.store.clock.now)),
                ("leased_by", models.CharField(blank=True, max_length=16)),
                ("leased_until", models.DateTimeField(blank=True, null=True)),
                ("told_at", models.DateTimeField(blank=True, null=True)),
                ("created_at", models.DateTimeField(default=vestibule.store.clock.now)),
                ("ended_at", models.DateTimeField(blank=True, null=True)),
                (
                    "business",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="subscriptions", to="people.business"
                    ),
                ),
            ],
            options={
                "ordering": ["id"],
            },
        ),
        migrations.CreateModel(
            name="Delivery",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("event", models.UUIDField()),
                ("kind", models.CharField(max_length=40)),
                ("subject", models.CharField(max_length=200)),
                ("facts", models.JSONField(default=dict, encoder=django.core.serializers.json.DjangoJSONEncoder)),
                ("at", models.DateTimeField()),
                (
                    "state",
                    models.CharField(
                        choices=[("queued", "Waits"), ("done", "Taken"), ("failed", "Given up")],
                        default="queued",
                        max_length=6,
                    ),
                ),
                ("is_alone", models.BooleanField(default=False)),
                ("attempts", models.PositiveIntegerField(default=0)),
                ("status", models.PositiveSmallIntegerField(default=0)),
                ("problem", models.CharField(blank=True, max_length=300)),
                ("queued_at", models.DateTimeField(default=vestibule.store.clock.now)),
                ("finished_at", models.DateTimeField(blank=True, null=True)),
                (
                    "subscription",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="deliveries",
                        to="subscriptions.subscription",
                    ),
                ),
            ],
            options={
                "verbose_name_plural": "deliveries",
                "ordering": ["id"],
            },
        ),
        migrations.AddIndex(
            model_name="subscription",
            index=models.Index(fields=["state", "next_at"], name="subscriptio_state_93aa18_idx"),
        ),
        migrations.AddIndex(
            model_name="delivery",
            index=models.Index(fields=["subscription", "state", "id"], name="subscriptio_subscri_5c84a5_idx"),
        ),
        migrations.AddIndex(
            model_name="delivery",
            index=models.Index(fields=["finished_at"], name="subscriptio_finishe_c7f22b_idx"),
        ),
    ]
