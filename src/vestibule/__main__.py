"""The `vestibule` command: reads the words, leaves the work to the room it belongs to."""

import argparse
import os
import sys
import threading
from collections.abc import Callable, Sequence
from pathlib import Path

Command = Callable[[argparse.Namespace], int]
AddCommand = Callable[[str, Command, str], argparse.ArgumentParser]


def main(words: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code."""
    parser = _parser()
    options = parser.parse_args(words)
    os.umask(0o077)  # database, secret and backups are for this account alone
    if options.data:
        os.environ["VESTIBULE_DATA"] = options.data
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "vestibule.settings")
    run: Command = options.run
    try:
        return run(options)
    except BrokenPipeError:  # who reads has had enough, as `head` has
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="vestibule", description="Self-hosted virtual appointments.")
    common = argparse.ArgumentParser(add_help=False)
    common.add_argument("--data", metavar="DIR", help="data folder (default: VESTIBULE_DATA or ./vestibule-data)")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    def command(name: str, run: Command, help: str) -> argparse.ArgumentParser:
        sub = commands.add_parser(name, help=help, description=help, parents=[common])
        sub.set_defaults(run=run)
        return sub

    for name, run, help in (
        ("serve", _serve, "web, sockets and worker in one process on the embedded database"),
        ("web", _web, "web and sockets only (PostgreSQL, Redis)"),
    ):
        sub = command(name, run, help)
        sub.add_argument("--host", default="127.0.0.1", help="address to listen on (127.0.0.1: this machine only)")
        sub.add_argument("--port", type=int, default=8000, help="port to listen on (8000)")
        sub.add_argument("--tls-port", type=int, default=None, metavar="PORT", help="serve by HTTPS there as well")
        sub.add_argument("--demo", action="store_true", help="fill an empty data folder with two businesses")
        sub.add_argument("--test-clock", action="store_true", help="let POST /dev/clock move the product's now")
    command("worker", _worker, "sends what is due (PostgreSQL)")
    command("migrate", _migrate, "brings the database up to date; serve does this by itself")
    slots = command("slots", _slots, "answers slot scenarios, one JSON line each")
    slots.add_argument("file", help="JSON file of scenarios")
    links = command("parse-link", _parse_link, "says what a join link opens, as JSON; nothing is opened")
    links.add_argument("query", nargs="?", help="the part of an address from the question mark on")
    links.add_argument("--origin", help="this server's own public origin (default: VESTIBULE_PUBLIC_URL)")
    links.add_argument("--batch", metavar="FILE", help="JSON array of cases with id and input_query; one line for each")
    certs = command("certs", _certs, "makes a local certificate authority for --tls-port, and tells how to trust it")
    certs.add_argument("host", nargs="*", help="further names or addresses of this machine (localhost always)")
    command("check", _check, "configuration doctor: every setting, what is wrong, what to type; exit 1 on errors")
    _add_people_commands(command)
    _add_experience_commands(command)
    _add_backup_commands(command)
    _add_addon_commands(command)
    return parser


def _add_people_commands(command: AddCommand) -> None:
    business = command("create-business", _create_business, "makes a business with Monday to Friday, 08 to 17")
    business.add_argument("slug", help="its name in addresses, such as lakeside-clinic")
    business.add_argument("--name", required=True, help="its name as consumers read it")
    business.add_argument("--timezone", default="UTC", help="such as Europe/London (UTC)")
    business.add_argument("--language", default="en", help="the language of its own words, such as de (en)")
    business.add_argument("--template", default="", help="an industry to begin as; `vestibule templates` lists them")
    command("templates", _templates, "lists the industries a business can begin as")
    manager = command("create-manager", _create_manager, "makes an owner and prints a link to set a password")
    manager.add_argument("business", help="slug of the business")
    manager.add_argument("email", help="address to sign in with")
    manager.add_argument("--name", default="", help="name as colleagues see it")
    reset = command("reset-sign-in", _reset_sign_in, "removes somebody's second steps and prints a password link")
    reset.add_argument("email", help="address the person signs in with")


def _add_experience_commands(command: AddCommand) -> None:
    out = command("export", _export, "writes what consumers of a business see and can do to a file")
    out.add_argument("business", nargs="?", default="", help="slug of the business")
    out.add_argument("--schema", action="store_true", help="the JSON Schema of such files instead; of no business")
    out.add_argument("--out", metavar="FILE", default="", help="file to write (standard output; a zip: SLUG.zip)")
    out.add_argument("--zip", action="store_true", help="a zip that runs by itself: with the product, as script/server")
    taken = command("import", _import, "takes such a file in as the draft of a business")
    taken.add_argument("business", help="slug of the business")
    taken.add_argument("file", help="JSON or zip that `vestibule export` wrote")
    taken.add_argument("--publish", action="store_true", help="let it hold at once, as the next version")
    taken.add_argument(
        "--create",
        action="store_true",
        help="make the business first, with one provider; leave one that is there alone",
    )


def _add_backup_commands(command: AddCommand) -> None:
    backup = command("backup", _backup, "saves the embedded database and the server secret to one file")
    backup.add_argument("file", help="file to make; must not exist")
    restore = command("restore", _restore, "puts a backup into an empty data folder")
    restore.add_argument("file", help="file that `vestibule backup` made")
    restore.add_argument("--force", action="store_true", help="replace what is there; the server must be stopped")


def _add_addon_commands(command: AddCommand) -> None:
    kit = command(
        "install-acs-calling",
        _install_acs_calling,
        "fetches Microsoft's calling kit, on its own terms, and builds the add-on for visits in Teams or Azure",
    )
    what = kit.add_mutually_exclusive_group()
    what.add_argument("--remove", action="store_true", help="take the add-on away")
    what.add_argument(
        "--status", action="store_true", help="say what is installed; exit 1 unless it is whole and current"
    )
    what.add_argument("--download", metavar="FOLDER", default="", help="only fetch, for another machine; needs npm")
    what.add_argument(
        "--from", dest="taken_from", metavar="FOLDER", default="", help="what --download put there; no npm"
    )
    kit.add_argument("--accept-licence", action="store_true", help="you have read Microsoft's terms and accept them")


def _django() -> None:
    import django

    django.setup()


def _serve(options: argparse.Namespace) -> int:
    return _run_server(options, with_worker=True)


def _web(options: argparse.Namespace) -> int:
    return _run_server(options, with_worker=False)


def _run_server(options: argparse.Namespace, *, with_worker: bool) -> int:
    if options.demo:
        os.environ["VESTIBULE_DEMO"] = "1"
    if options.test_clock:
        os.environ["VESTIBULE_TEST_CLOCK"] = "1"
    from vestibule.store import heap
    from vestibule.store.configuration import load

    heap.share()
    if not load()["PUBLIC_URL"]:  # the environment would hide what a file of settings says
        os.environ["VESTIBULE_PUBLIC_URL"] = f"http://localhost:{options.port}"
    _warn()
    from vestibule import serving

    return serving.serve(
        host=options.host, port=options.port, demo=options.demo, with_worker=with_worker, tls_port=options.tls_port
    )


def _warn() -> None:
    from vestibule import doctor

    doctor.warn_of_stray_names(sys.stderr)


def _worker(options: argparse.Namespace) -> int:
    from vestibule.store import heap

    heap.share()
    _warn()
    _django()
    from vestibule import serving
    from vestibule.notifications import worker

    serving.start_beside(threading.Event())
    return worker.run_forever()


def _migrate(options: argparse.Namespace) -> int:
    _warn()
    _django()
    from vestibule.store import migrating

    migrating.bring_up_to_date(verbosity=1)
    return 0


def _slots(options: argparse.Namespace) -> int:
    from vestibule.scheduling.scenarios import run_slots

    return run_slots(options.file, sys.stdout)


def _certs(options: argparse.Namespace) -> int:
    from vestibule.store import certificates
    from vestibule.store.configuration import load

    try:
        made = certificates.ensure(Path(load()["DATA"]), options.host)
    except ValueError as problem:
        sys.stderr.write(f"vestibule: {problem}. Give names such as clinic.internal, or addresses.\n")
        return 1
    except OSError as problem:
        sys.stderr.write(f"vestibule: the certificates cannot be stored: {problem.strerror or problem}.\n")
        return 1
    sys.stdout.write(certificates.told(made))
    return 0


def _check(options: argparse.Namespace) -> int:
    from vestibule import doctor

    return doctor.run(sys.stdout)


def _create_business(options: argparse.Namespace) -> int:
    _django()
    from vestibule.demo import commands

    return commands.create_business(
        options.slug, options.name, options.timezone, language=options.language, template=options.template
    )


def _templates(options: argparse.Namespace) -> int:
    _django()
    from vestibule.demo import commands

    return commands.list_templates()


def _create_manager(options: argparse.Namespace) -> int:
    _django()
    from vestibule.demo import commands

    return commands.create_manager(options.business, options.email, options.name)


def _reset_sign_in(options: argparse.Namespace) -> int:
    _django()
    from vestibule.demo import commands

    return commands.reset_sign_in(options.email)


def _export(options: argparse.Namespace) -> int:
    _django()
    from vestibule.demo import carrying

    if options.schema:
        return carrying.export_schema(options.out)
    return carrying.export_experience(options.business, options.out, as_zip=options.zip)


def _import(options: argparse.Namespace) -> int:
    _django()
    from vestibule.demo import carrying

    return carrying.import_experience(options.business, options.file, publish=options.publish, create=options.create)


def _backup(options: argparse.Namespace) -> int:
    _django()
    from vestibule.demo import commands

    return commands.make_backup(options.file)


def _restore(options: argparse.Namespace) -> int:
    data = os.environ.get("VESTIBULE_DATA") or "vestibule-data"
    from vestibule.demo import commands

    return commands.take_backup(options.file, data=data, force=options.force)


def _install_acs_calling(options: argparse.Namespace) -> int:
    from pathlib import Path

    from vestibule.integrations.acs_calling import commands
    from vestibule.store.configuration import load

    return commands.run(
        Path(load()["DATA"]),
        sys.stdout,
        sys.stderr,
        accepted=options.accept_licence,
        remove=options.remove,
        status=options.status,
        taken_from=options.taken_from,
        download=options.download,
        ask=input if sys.stdin.isatty() else None,
    )


def _parse_link(options: argparse.Namespace) -> int:
    from vestibule.meetings.visit_links import run_parse_link

    origin = options.origin or os.environ.get("VESTIBULE_PUBLIC_URL", "http://localhost:8000")
    return run_parse_link(options.query, options.batch, origin, sys.stdout, sys.stderr)


if __name__ == "__main__":
    sys.exit(main())
