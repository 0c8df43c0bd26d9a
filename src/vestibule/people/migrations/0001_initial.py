import uuid

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import vestibule.store.clock
import vestibule.store.ids


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="User",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("password", models.CharField(max_length=128, verbose_name="password")),
                ("last_login", models.DateTimeField(blank=True, null=True, verbose_name="last login")),
                ("email", models.EmailField(max_length=254, unique=True)),
                ("name", models.CharField(blank=True, max_length=120)),
                ("language", models.CharField(default="en", max_length=12)),
                ("is_active", models.BooleanField(default=True)),
                ("date_joined", models.DateTimeField(default=vestibule.store.clock.now)),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="Application",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("client_id", models.UUIDField(default=uuid.uuid4, unique=True)),
                ("name", models.CharField(max_length=80)),
                ("permissions", models.JSONField(default=list)),
                ("created_at", models.DateTimeField(default=vestibule.store.clock.now)),
                ("last_used_at", models.DateTimeField(blank=True, null=True)),
                ("revoked_at", models.DateTimeField(blank=True, null=True)),
            ],
        ),
        migrations.CreateModel(
            name="BrandImage",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("ref", models.CharField(default=vestibule.store.ids.new_ref, max_length=32, unique=True)),
                ("kind", models.CharField(choices=[("logo", "Logo"), ("favicon", "Icon of the tab")], max_length=8)),
                ("media_type", models.CharField(max_length=40)),
                ("width", models.PositiveSmallIntegerField()),
                ("height", models.PositiveSmallIntegerField()),
                ("alternative", models.CharField(blank=True, max_length=200)),
                ("content", models.BinaryField()),
                ("created_at", models.DateTimeField(default=vestibule.store.clock.now)),
            ],
        ),
        migrations.CreateModel(
            name="ApplicationSecret",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("hint", models.CharField(max_length=8)),
                ("secret_hash", models.CharField(max_length=64, unique=True)),
                ("created_at", models.DateTimeField(default=vestibule.store.clock.now)),
                ("expires_at", models.DateTimeField()),
                ("revoked_at", models.DateTimeField(blank=True, null=True)),
                (
                    "application",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="secrets", to="people.application"
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Business",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("ref", models.CharField(default=vestibule.store.ids.new_ref, max_length=16, unique=True)),
                ("slug", models.SlugField(max_length=60, unique=True)),
                ("name", models.CharField(max_length=120)),
                ("industry", models.CharField(default="other", max_length=40)),
                ("tagline", models.CharField(blank=True, max_length=200)),
                ("timezone", models.CharField(default="UTC", max_length=64)),
                ("language", models.CharField(default="en", max_length=12)),
                ("week_start", models.CharField(default="mon", max_length=3)),
                ("accent", models.CharField(default="lake", max_length=20)),
                ("email", models.EmailField(blank=True, max_length=254)),
                ("phone", models.CharField(blank=True, max_length=32)),
                ("privacy_url", models.URLField(blank=True)),
                ("terms_url", models.URLField(blank=True)),
                ("languages", models.JSONField(blank=True, default=list)),
                ("brand", models.JSONField(blank=True, default=dict)),
                (
                    "buffer_rule",
                    models.CharField(
                        choices=[
                            ("sum", "both buffers, one after the other"),
                            ("max", "the longer of the two buffers"),
                            ("new_only", "only the new appointment's buffers"),
                        ],
                        default="sum",
                        max_length=10,
                    ),
                ),
                ("booking_rules", models.JSONField(blank=True, default=dict)),
                ("max_open_per_consumer", models.PositiveSmallIntegerField(blank=True, null=True)),
                ("is_published", models.BooleanField(default=True)),
                ("holiday_country", models.CharField(blank=True, max_length=2)),
                ("holiday_region", models.CharField(blank=True, max_length=10)),
                ("open_holidays", models.JSONField(blank=True, default=list)),
                ("messages_stamp", models.CharField(default=vestibule.store.ids.new_ref, max_length=16)),
                ("experience_stamp", models.CharField(default=vestibule.store.ids.new_ref, max_length=16)),
                ("created_at", models.DateTimeField(default=vestibule.store.clock.now)),
                (
                    "favicon",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to="people.brandimage",
                    ),
                ),
                (
                    "logo",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to="people.brandimage",
                    ),
                ),
            ],
            options={
                "verbose_name_plural": "businesses",
                "ordering": ["name"],
            },
        ),
        migrations.AddField(
            model_name="brandimage",
            name="business",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="brand_images", to="people.business"
            ),
        ),
        migrations.AddField(
            model_name="application",
            name="business",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="applications", to="people.business"
            ),
        ),
        migrations.CreateModel(
            name="ApiKey",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(max_length=80)),
                ("prefix", models.CharField(max_length=12)),
                ("token_hash", models.CharField(max_length=64, unique=True)),
                ("scopes", models.JSONField(default=list)),
                ("created_at", models.DateTimeField(default=vestibule.store.clock.now)),
                ("last_used_at", models.DateTimeField(blank=True, null=True)),
                ("revoked_at", models.DateTimeField(blank=True, null=True)),
                (
                    "business",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="api_keys", to="people.business"
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="BusinessWays",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("scheduler", models.CharField(default="own", max_length=20)),
                ("diary", models.CharField(default="desk", max_length=20)),
                ("place", models.CharField(default="own", max_length=20)),
                ("page", models.CharField(default="own", max_length=20)),
                ("reminders", models.CharField(default="own", max_length=20)),
                ("join", models.CharField(default="own", max_length=20)),
                ("preset", models.CharField(blank=True, max_length=20)),
                (
                    "business",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE, related_name="ways", to="people.business"
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="CapabilityLink",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "purpose",
                    models.CharField(
                        choices=[
                            ("manage", "see, move or cancel an appointment"),
                            ("visit", "join a visit"),
                            ("feed", "subscribe to a calendar"),
                            ("waitlist", "answer the offer of a time, or leave the waitlist"),
                        ],
                        max_length=12,
                    ),
                ),
                ("role", models.CharField(max_length=12)),
                ("subject", models.CharField(db_index=True, max_length=40)),
                ("nonce", models.CharField(max_length=32)),
                ("token_hash", models.CharField(max_length=64, unique=True)),
                ("created_at", models.DateTimeField(default=vestibule.store.clock.now)),
                ("expires_at", models.DateTimeField()),
                ("revoked_at", models.DateTimeField(blank=True, null=True)),
                ("opens_once", models.BooleanField(default=False)),
                ("used_at", models.DateTimeField(blank=True, null=True)),
                (
                    "business",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="links", to="people.business"
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="CommunicationResource",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("resource", models.UUIDField(default=uuid.uuid4, unique=True)),
                ("is_on", models.BooleanField(default=False)),
                ("services", models.JSONField(default=list)),
                ("primary_key", models.TextField()),
                ("primary_number", models.PositiveIntegerField(default=1)),
                ("primary_made_at", models.DateTimeField(default=vestibule.store.clock.now)),
                ("primary_used_at", models.DateTimeField(blank=True, null=True)),
                ("secondary_key", models.TextField()),
                ("secondary_number", models.PositiveIntegerField(default=1)),
                ("secondary_made_at", models.DateTimeField(default=vestibule.store.clock.now)),
                ("secondary_used_at", models.DateTimeField(blank=True, null=True)),
                (
                    "business",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="communication_resource",
                        to="people.business",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="GraphTenant",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("tenant", models.UUIDField(default=uuid.uuid4, unique=True)),
                ("is_on", models.BooleanField(default=False)),
                (
                    "business",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE, related_name="graph_tenant", to="people.business"
                    ),
                ),
                (
                    "made_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="made",
                        to="people.graphtenant",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Membership",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "role",
                    models.CharField(
                        choices=[
                            ("owner", "owner"),
                            ("manager", "manager"),
                            ("scheduler", "scheduler"),
                            ("provider", "provider"),
                            ("viewer", "viewer"),
                        ],
                        max_length=12,
                    ),
                ),
                ("is_active", models.BooleanField(default=True)),
                ("created_at", models.DateTimeField(default=vestibule.store.clock.now)),
                (
                    "business",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="memberships", to="people.business"
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="memberships",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="OutsideAccount",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("kind", models.CharField(max_length=20)),
                ("shown", models.CharField(blank=True, max_length=200)),
                ("access", models.TextField()),
                ("unreachable_since", models.DateTimeField(blank=True, null=True)),
                ("sign_in", models.TextField(blank=True)),
                ("signed_in_as", models.CharField(blank=True, max_length=200)),
                ("signed_in_at", models.DateTimeField(blank=True, null=True)),
                ("findings", models.JSONField(blank=True, default=list)),
                ("problem", models.CharField(blank=True, max_length=400)),
                ("looked_at", models.DateTimeField(default=vestibule.store.clock.now)),
                ("created_at", models.DateTimeField(default=vestibule.store.clock.now)),
                (
                    "business",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="outside_accounts",
                        to="people.business",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="ProgramIdentity",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("guid", models.UUIDField(default=uuid.uuid4, unique=True)),
                ("generation", models.PositiveIntegerField(default=1)),
                ("created_at", models.DateTimeField(default=vestibule.store.clock.now)),
                ("deleted_at", models.DateTimeField(blank=True, null=True)),
                (
                    "business",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="program_identities",
                        to="people.business",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Provider",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("ref", models.CharField(default=vestibule.store.ids.new_ref, max_length=16, unique=True)),
                ("slug", models.SlugField(max_length=60)),
                ("name", models.CharField(max_length=120)),
                ("title", models.CharField(blank=True, max_length=120)),
                ("email", models.EmailField(blank=True, max_length=254)),
                ("phone", models.CharField(blank=True, max_length=32)),
                ("timezone", models.CharField(blank=True, max_length=64)),
                ("is_active", models.BooleanField(default=True)),
                ("uses_business_hours", models.BooleanField(default=True)),
                (
                    "presence",
                    models.CharField(
                        choices=[("away", "Away"), ("ready", "Ready"), ("in_visit", "In a visit")],
                        default="away",
                        max_length=10,
                    ),
                ),
                ("stepped_away_at", models.DateTimeField(blank=True, null=True)),
                ("away_words", models.CharField(blank=True, max_length=120)),
                ("last_booked_at", models.DateTimeField(blank=True, null=True)),
                ("position", models.PositiveIntegerField(default=0)),
                ("mask_version", models.PositiveBigIntegerField(default=0)),
                (
                    "business",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="providers", to="people.business"
                    ),
                ),
                (
                    "membership",
                    models.OneToOneField(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="provider",
                        to="people.membership",
                    ),
                ),
            ],
            options={
                "ordering": ["position", "name", "id"],
            },
        ),
        migrations.CreateModel(
            name="RateCount",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("scope", models.CharField(max_length=40)),
                ("who", models.CharField(max_length=80)),
                ("time_window", models.BigIntegerField()),
                ("used", models.PositiveIntegerField(default=0)),
                ("ends_at", models.BigIntegerField(db_index=True)),
            ],
            options={
                "constraints": [models.UniqueConstraint(fields=("scope", "who"), name="one_count_each")],
            },
        ),
        migrations.CreateModel(
            name="RememberedRequest",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("scope", models.CharField(max_length=64)),
                ("key", models.CharField(max_length=255)),
                ("fingerprint", models.CharField(max_length=64)),
                ("status", models.PositiveSmallIntegerField(default=0)),
                ("answer", models.TextField(blank=True)),
                ("created_at", models.DateTimeField(default=vestibule.store.clock.now)),
            ],
            options={
                "constraints": [models.UniqueConstraint(fields=("scope", "key"), name="one_answer_per_key")],
            },
        ),
        migrations.CreateModel(
            name="AuditEntry",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("at", models.DateTimeField(default=vestibule.store.clock.now)),
                ("actor_kind", models.CharField(max_length=10)),
                ("actor_label", models.CharField(max_length=160)),
                ("action", models.CharField(max_length=60)),
                ("subject_kind", models.CharField(max_length=30)),
                ("subject_ref", models.CharField(max_length=60)),
                ("summary", models.CharField(blank=True, max_length=300)),
                ("details", models.JSONField(default=dict)),
                (
                    "business",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="audit", to="people.business"
                    ),
                ),
            ],
            options={
                "ordering": ["-id"],
                "indexes": [
                    models.Index(
                        fields=["business", "subject_kind", "subject_ref"], name="people_audi_busines_8b0f72_idx"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Consumer",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("ref", models.CharField(default=vestibule.store.ids.new_ref, max_length=16, unique=True)),
                ("name", models.CharField(max_length=120)),
                ("email", models.EmailField(max_length=254)),
                ("email_normal", models.EmailField(max_length=254)),
                ("phone", models.CharField(blank=True, max_length=32)),
                ("timezone", models.CharField(blank=True, max_length=64)),
                ("language", models.CharField(blank=True, max_length=12)),
                ("created_at", models.DateTimeField(default=vestibule.store.clock.now)),
                (
                    "business",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="consumers", to="people.business"
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("business", "email_normal"), name="one_consumer_per_email")
                ],
            },
        ),
        migrations.AddConstraint(
            model_name="membership",
            constraint=models.UniqueConstraint(fields=("business", "user"), name="one_role_each"),
        ),
        migrations.AddConstraint(
            model_name="outsideaccount",
            constraint=models.UniqueConstraint(fields=("business", "kind"), name="one_account_of_a_kind"),
        ),
        migrations.AddConstraint(
            model_name="provider",
            constraint=models.UniqueConstraint(fields=("business", "slug"), name="provider_slug"),
        ),
    ]
