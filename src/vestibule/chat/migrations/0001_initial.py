import django.db.models.deletion
from django.db import migrations, models

import vestibule.store.clock
import vestibule.store.ids


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("people", "0001_initial"),
    ]

    operations = [
        migrations.CreateModel(
            name="Attachment",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("ref", models.CharField(default=vestibule.store.ids.new_ref, max_length=32, unique=True)),
                ("author", models.CharField(max_length=40)),
                ("author_name", models.CharField(max_length=120)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("uploading", "Being sent"),
                            ("checking", "Being checked"),
                            ("ready", "Ready"),
                            ("refused", "Refused"),
                            ("quarantined", "Held back"),
                        ],
                        default="uploading",
                        max_length=12,
                    ),
                ),
                ("refusal", models.CharField(blank=True, max_length=40)),
                ("name", models.CharField(max_length=160)),
                ("media_type", models.CharField(blank=True, max_length=100)),
                ("size", models.PositiveBigIntegerField()),
                ("received", models.PositiveBigIntegerField(default=0)),
                ("width", models.PositiveIntegerField(blank=True, null=True)),
                ("height", models.PositiveIntegerField(blank=True, null=True)),
                ("content", models.BinaryField(blank=True, null=True)),
                ("thumbnail", models.BinaryField(blank=True, null=True)),
                ("is_scanned", models.BooleanField(default=False)),
                ("created_at", models.DateTimeField(default=vestibule.store.clock.now)),
                ("finished_at", models.DateTimeField(blank=True, null=True)),
                ("checked_at", models.DateTimeField(blank=True, null=True)),
                (
                    "business",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="attachments", to="people.business"
                    ),
                ),
            ],
            options={
                "ordering": ["id"],
            },
        ),
        migrations.CreateModel(
            name="Thread",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("ref", models.CharField(default=vestibule.store.ids.new_ref, max_length=16, unique=True)),
                ("topic", models.CharField(blank=True, max_length=250)),
                ("metadata", models.JSONField(blank=True, default=dict)),
                ("retention_days", models.PositiveSmallIntegerField(blank=True, null=True)),
                ("created_by", models.CharField(blank=True, max_length=40)),
                ("client_id", models.CharField(blank=True, max_length=64)),
                ("last_seq", models.PositiveIntegerField(default=0)),
                ("last_position", models.PositiveIntegerField(default=0)),
                ("last_stamp", models.BigIntegerField(default=0)),
                ("created_at", models.DateTimeField(default=vestibule.store.clock.now)),
                ("deleted_at", models.DateTimeField(blank=True, null=True)),
                (
                    "business",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="threads", to="people.business"
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="ReadMark",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("reader", models.CharField(max_length=40)),
                ("seq", models.PositiveIntegerField(default=0)),
                ("at", models.DateTimeField(default=vestibule.store.clock.now)),
                (
                    "thread",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="marks", to="chat.thread"
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Notice",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("topic", "New topic"),
                            ("added", "Somebody was added"),
                            ("removed", "Somebody was removed"),
                        ],
                        max_length=8,
                    ),
                ),
                ("stamp", models.BigIntegerField()),
                ("position", models.PositiveIntegerField()),
                ("by", models.CharField(blank=True, max_length=40)),
                ("facts", models.JSONField(default=dict)),
                ("at", models.DateTimeField(default=vestibule.store.clock.now)),
                (
                    "thread",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="notices", to="chat.thread"
                    ),
                ),
            ],
            options={
                "ordering": ["stamp"],
            },
        ),
        migrations.CreateModel(
            name="Message",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("seq", models.PositiveIntegerField()),
                ("stamp", models.BigIntegerField()),
                ("position", models.PositiveIntegerField()),
                ("version", models.BigIntegerField()),
                ("kind", models.CharField(choices=[("text", "Text"), ("html", "HTML")], default="text", max_length=4)),
                ("metadata", models.JSONField(blank=True, default=dict)),
                ("author", models.CharField(max_length=40)),
                ("author_name", models.CharField(max_length=120)),
                ("client_id", models.CharField(max_length=40)),
                ("text", models.TextField(blank=True)),
                ("at", models.DateTimeField(default=vestibule.store.clock.now)),
                ("edited_at", models.DateTimeField(blank=True, null=True)),
                ("deleted_at", models.DateTimeField(blank=True, null=True)),
                (
                    "attachment",
                    models.OneToOneField(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="message",
                        to="chat.attachment",
                    ),
                ),
                (
                    "thread",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="messages", to="chat.thread"
                    ),
                ),
            ],
            options={
                "ordering": ["seq"],
            },
        ),
        migrations.CreateModel(
            name="Member",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("key", models.CharField(max_length=40)),
                ("name", models.CharField(blank=True, max_length=120)),
                ("metadata", models.JSONField(blank=True, default=dict)),
                ("from_stamp", models.BigIntegerField(default=0)),
                ("until_stamp", models.BigIntegerField(blank=True, null=True)),
                ("joined_at", models.DateTimeField(default=vestibule.store.clock.now)),
                ("removed_at", models.DateTimeField(blank=True, null=True)),
                (
                    "thread",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="members", to="chat.thread"
                    ),
                ),
            ],
            options={
                "ordering": ["id"],
            },
        ),
        migrations.AddField(
            model_name="attachment",
            name="thread",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="attachments", to="chat.thread"
            ),
        ),
        migrations.CreateModel(
            name="AttachmentPart",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("offset", models.PositiveBigIntegerField()),
                ("content", models.BinaryField()),
                (
                    "attachment",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="parts", to="chat.attachment"
                    ),
                ),
            ],
            options={
                "ordering": ["offset"],
                "constraints": [models.UniqueConstraint(fields=("attachment", "offset"), name="one_part_per_offset")],
            },
        ),
        migrations.AddIndex(
            model_name="thread",
            index=models.Index(
                condition=models.Q(("retention_days__isnull", False)), fields=["created_at"], name="threads_that_go"
            ),
        ),
        migrations.AddIndex(
            model_name="thread",
            index=models.Index(
                condition=models.Q(("deleted_at__isnull", False)), fields=["deleted_at"], name="threads_deleted"
            ),
        ),
        migrations.AddConstraint(
            model_name="thread",
            constraint=models.UniqueConstraint(
                condition=models.Q(("client_id", ""), _negated=True),
                fields=("business", "created_by", "client_id"),
                name="one_thread_per_request",
            ),
        ),
        migrations.AddConstraint(
            model_name="readmark",
            constraint=models.UniqueConstraint(fields=("thread", "reader"), name="one_mark_per_reader"),
        ),
        migrations.AddIndex(
            model_name="notice",
            index=models.Index(fields=["at"], name="chat_notice_at_69c4e8_idx"),
        ),
        migrations.AddConstraint(
            model_name="notice",
            constraint=models.UniqueConstraint(fields=("thread", "stamp"), name="one_notice_per_stamp"),
        ),
        migrations.AddIndex(
            model_name="message",
            index=models.Index(fields=["at"], name="chat_messag_at_a76479_idx"),
        ),
        migrations.AddConstraint(
            model_name="message",
            constraint=models.UniqueConstraint(fields=("thread", "seq"), name="one_message_per_seq"),
        ),
        migrations.AddConstraint(
            model_name="message",
            constraint=models.UniqueConstraint(fields=("thread", "stamp"), name="one_message_per_stamp"),
        ),
        migrations.AddConstraint(
            model_name="message",
            constraint=models.UniqueConstraint(fields=("thread", "author", "client_id"), name="one_message_per_send"),
        ),
        migrations.AddIndex(
            model_name="member",
            index=models.Index(fields=["key"], name="chat_member_key_b954f4_idx"),
        ),
        migrations.AddConstraint(
            model_name="member",
            constraint=models.UniqueConstraint(fields=("thread", "key"), name="one_member_per_key"),
        ),
        migrations.AddIndex(
            model_name="attachment",
            index=models.Index(fields=["state", "created_at"], name="chat_attach_state_600a0e_idx"),
        ),
    ]
