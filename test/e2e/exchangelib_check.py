"""Works a pretend mailbox with exchangelib: lists, creates, changes, deletes and syncs.

Called with the server's address, a mail address, a user name and a password; prints one JSON object with what it
saw, and fails loudly when the server answers otherwise than the real one.
"""

import datetime
import json
import sys
import urllib3
from zoneinfo import ZoneInfo

from exchangelib import (
    BASIC,
    DELEGATE,
    Account,
    CalendarItem,
    Configuration,
    Contact,
    Credentials,
    EWSTimeZone,
    ExtendedProperty,
    FaultTolerance,
    Task,
)
from exchangelib.indexed_properties import EmailAddress, PhoneNumber
from exchangelib.items import HARD_DELETE, SEND_TO_NONE
from exchangelib.protocol import BaseProtocol, NoVerifyHTTPAdapter
from exchangelib.recurrence import Recurrence, WeeklyPattern

url, address, user, password, ca_file = sys.argv[1:6]

if not ca_file:
    urllib3.disable_warnings()
    BaseProtocol.HTTP_ADAPTER_CLS = NoVerifyHTTPAdapter


class Stamp(ExtendedProperty):
    property_set_id = "c11ff724-aa03-4555-9952-8fa248a11c3e"
    property_name = "EverlinkStamp"
    property_type = "String"


CalendarItem.register("stamp", Stamp)

account = Account(
    primary_smtp_address=address,
    config=Configuration(
        service_endpoint=url,
        credentials=Credentials(user, password),
        auth_type=BASIC,
        retry_policy=FaultTolerance(max_wait=20),
    ),
    autodiscover=False,
    access_type=DELEGATE,
    default_timezone=EWSTimeZone("Europe/Oslo"),
)
seen = {"version": str(account.version.api_version), "build": str(account.version.build)}
oslo = EWSTimeZone("Europe/Oslo")
new_york = EWSTimeZone("America/New_York")


def at(hour, day=2, month=3, tz=oslo):
    return datetime.datetime(2026, month, day, hour, 0, tzinfo=tz)


def check(condition, what):
    if not condition:
        raise AssertionError(what)


def changes(folder):
    return list(folder.sync_items())


def find_one(folder, item):
    return folder.get(id=item.id)


# The tree
seen["folders"] = sorted(folder.name for folder in account.msg_folder_root.walk())
check(account.calendar.folder_class == "IPF.Appointment", "calendar class")
seen["seeded"] = {
    "calendar": account.calendar.all().count(),
    "tasks": account.tasks.all().count(),
    "contacts": account.contacts.all().count(),
}

# Calendar
list(account.calendar.sync_items())
item = CalendarItem(
    account=account,
    folder=account.calendar,
    subject="Café <R&D>",
    body="Line one\nLine two",
    start=at(9),
    end=at(10),
    location="Room 1",
    categories=["Everlink", "Blue"],
    sensitivity="Private",
    legacy_free_busy_status="Tentative",
    reminder_is_set=False,
    stamp="a-1",
)
item.save(send_meeting_invitations=SEND_TO_NONE)
read = find_one(account.calendar, item)
check(read.subject == "Café <R&D>", read.subject)
check(read.start == at(9) and read.end == at(10), (read.start, read.end))
check(read._start_timezone.key in ("Europe/Berlin", "Europe/Oslo"), read._start_timezone)
check(read.categories == ["Everlink", "Blue"], read.categories)
check(read.sensitivity == "Private" and read.legacy_free_busy_status == "Tentative", "flags")
check(read.reminder_is_set is False, "reminder")
check(read.stamp == "a-1", read.stamp)
check("Line two" in read.text_body, read.text_body)

# FilterSets: restrictions on categories, text, times and the extended property
check(account.calendar.filter(categories__contains=["Everlink"]).count() == 1, "category")
check(account.calendar.filter(stamp="a-1").count() == 1, "stamp")
check(account.calendar.filter(subject__icontains="café").count() == 1, "contains")
check(account.calendar.filter(start__gte=at(8), end__lte=at(11), subject__startswith="Café").count() == 1, "range")
check(account.calendar.exclude(subject__startswith="Café").filter(stamp="a-1").count() == 0, "exclude")
ordered = [each.start for each in account.calendar.all().order_by("start").only("start")]
check(ordered == sorted(ordered), "order")

read.subject = "Changed"
read.start, read.end = at(11, tz=new_york), at(12, tz=new_york)
read.save(update_fields=["subject", "start", "end"], send_meeting_invitations=SEND_TO_NONE)
again = find_one(account.calendar, read)
check(again.subject == "Changed" and again.start == at(11, tz=new_york), (again.subject, again.start))
check(again.location == "Room 1" and again.stamp == "a-1", "untouched fields")
again.location = "Room 2"
again.save(send_meeting_invitations=SEND_TO_NONE)  # all fields at once
check(find_one(account.calendar, again).location == "Room 2", "full save")

# All day
day = CalendarItem(
    account=account,
    folder=account.calendar,
    subject="Holiday",
    start=datetime.date(2026, 3, 29),
    end=datetime.date(2026, 3, 30),
    is_all_day=True,
)
day.save(send_meeting_invitations=SEND_TO_NONE)
day = find_one(account.calendar, day)
check((day.start, day.end) == (datetime.date(2026, 3, 29), datetime.date(2026, 3, 30)), (day.start, day.end))

# A series across the clock change, one occurrence changed and one deleted
series = CalendarItem(
    account=account,
    folder=account.calendar,
    subject="Weekly",
    start=at(9, day=16),
    end=at(10, day=16),
    recurrence=Recurrence(
        pattern=WeeklyPattern(interval=1, weekdays=["Monday"]), start=datetime.date(2026, 3, 16), number=4
    ),
)
series.save(send_meeting_invitations=SEND_TO_NONE)
second = series.occurrence(2)
second.refresh()
check(second.type == "Occurrence" and second.start == at(9, day=23), (second.type, second.start))
second.subject = "Moved"
second.start, second.end = at(14, day=24), at(15, day=24)
second.save(update_fields=["subject", "start", "end"], send_meeting_invitations=SEND_TO_NONE)
third = series.occurrence(3)
third.refresh()
third.delete(send_meeting_cancellations=SEND_TO_NONE)
master = find_one(account.calendar, series)
check(master.type == "RecurringMaster", master.type)
check(master.recurrence.boundary.start == datetime.date(2026, 3, 16), master.recurrence.boundary.start)
check(master.recurrence.boundary.number == 4, "number")
check(master.first_occurrence.start == at(9, day=16), "first")
check(master.last_occurrence.start == at(9, day=6, month=4), master.last_occurrence.start)
check([each.start for each in master.modified_occurrences] == [at(14, day=24)], "modified")
check([each.start for each in master.deleted_occurrences] == [at(9, day=30)], "deleted")
back = second.recurring_master()
back.refresh()
check(back.id == master.id, "master of an occurrence")
view = [each for each in account.calendar.view(start=at(0, day=15), end=at(0, day=12, month=4)) if each.uid == master.uid]
check(
    sorted(each.start for each in view) == [at(9, day=16), at(14, day=24), at(9, day=6, month=4)],
    [each.start for each in view],
)
check(sorted(each.type for each in view) == ["Exception", "Occurrence", "Occurrence"], [each.type for each in view])

seen["calendarChanges"] = sorted(kind for kind, _ in changes(account.calendar))
again.delete(send_meeting_cancellations=SEND_TO_NONE)
moved_to = day.move_to_trash(send_meeting_cancellations=SEND_TO_NONE)
seen["calendarDeletes"] = sorted(kind for kind, _ in changes(account.calendar))
check(account.trash.filter(subject="Holiday").count() == 1, "in the bin")
check(changes(account.calendar) == [], "nothing more")

# Moving gives a new id
archive = type(account.calendar)(parent=account.calendar, name="Archive")
archive.save()
copied = series.copy(to_folder=archive)
check(archive.all().count() == 1, "copy")
moved_id = master.id
master.move(to_folder=archive)
check(master.id != moved_id and archive.all().count() == 2, "move")
archive.all().delete(delete_type=HARD_DELETE, send_meeting_cancellations=SEND_TO_NONE)
archive.name = "Old"
archive.save()
archive.delete()

# Tasks
list(account.tasks.sync_items())
task = Task(
    account=account,
    folder=account.tasks,
    subject="Call",
    body="About the offer",
    start_date=datetime.date(2026, 3, 2),
    due_date=datetime.date(2026, 3, 6),
    importance="High",
)
task.save()
task = find_one(account.tasks, task)
check((task.start_date, task.due_date) == (datetime.date(2026, 3, 2), datetime.date(2026, 3, 6)), "task dates")
check(task.importance == "High" and task.status == "NotStarted", "task state")
task.complete()
task = find_one(account.tasks, task)
check(task.is_complete and task.percent_complete == 100 and task.complete_date is not None, "completed")
check([kind for kind, _ in changes(account.tasks)] == ["create"], "task sync")
task.delete()
check([kind for kind, _ in changes(account.tasks)] == ["delete"], "task delete sync")

# Contacts
list(account.contacts.sync_items())
contact = Contact(
    account=account,
    folder=account.contacts,
    given_name="Åse",
    surname="Lund",
    display_name="Åse Lund",
    company_name="Nordlys",
    job_title="Director",
    email_addresses=[EmailAddress(email="ase@nordlys.example", label="EmailAddress1")],
    phone_numbers=[PhoneNumber(phone_number="+47 22 00 00 00", label="BusinessPhone")],
)
contact.save()
contact = find_one(account.contacts, contact)
check(contact.display_name == "Åse Lund" and contact.company_name == "Nordlys", "contact")
check(contact.email_addresses[0].email == "ase@nordlys.example", contact.email_addresses)
check([each.phone_number for each in contact.phone_numbers if each.phone_number] == ["+47 22 00 00 00"], "phones")
contact.job_title = "Owner"
contact.phone_numbers = [PhoneNumber(phone_number="+47 99 00 00 00", label="MobilePhone")]
contact.save(update_fields=["job_title", "phone_numbers"])
contact = find_one(account.contacts, contact)
check(contact.job_title == "Owner", contact.job_title)
phones = {each.label: each.phone_number for each in contact.phone_numbers if each.phone_number}
check(phones.get("MobilePhone") == "+47 99 00 00 00", phones)
check([kind for kind, _ in changes(account.contacts)] == ["create"], "contact sync")
contact.delete()
check([kind for kind, _ in changes(account.contacts)] == ["delete"], "contact delete sync")

# Bulk, and paging through sync in small steps
bulk = account.bulk_create(
    folder=account.calendar,
    items=[
        CalendarItem(account=account, folder=account.calendar, subject=f"Bulk {n}", start=at(9), end=at(10))
        for n in range(25)
    ],
    send_meeting_invitations=SEND_TO_NONE,
)
check(len(bulk) == 25, "bulk")
pages = list(account.calendar.sync_items(max_changes_returned=10))
created = [entry for kind, entry in pages if kind == "create"]
seen["bulk"] = len(created)
account.bulk_delete(ids=bulk, delete_type=HARD_DELETE, send_meeting_cancellations=SEND_TO_NONE)
seen["bulkDeletes"] = sorted({kind for kind, _ in changes(account.calendar)})

# The rest of the protocol
seen["zones"] = len(list(account.protocol.get_timezones(return_full_timezone_data=True)))
seen["names"] = [mailbox.email_address for mailbox in account.protocol.resolve_names([address])]

print(json.dumps(seen))
