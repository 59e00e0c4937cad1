import { answerEach } from "../answers.ts";
import type { Call } from "../call.ts";
import { EwsError } from "../errors.ts";
import type { Folder } from "../folders.ts";
import type { ItemView } from "../model.ts";
import { FIND_LIMIT, pageOf } from "../paging.ts";
import { itemOrder, itemPredicate } from "../restriction.ts";
import { occurrencesBetween, whole } from "../series.ts";
import { ItemShape } from "../shape.ts";
import { readTime } from "../timezones.ts";
import { attribute, child, children, type Xml } from "../xml.ts";

/** With a restriction the default policy gives at most this many at once. */
const RESTRICTED_LIMIT = 250;

/** @see https://learn.microsoft.com/en-us/exchange/client-developer/web-service-reference/finditem-operation */
export function findItem(request: Xml, call: Call): string {
  const shape = new ItemShape(request, true);
  return answerEach("FindItem", children(child(request, "ParentFolderIds")), (id) => {
    const folder = call.folder(id);
    const { entries, attributes } = search(request, folder, call);
    const items = entries.map((view) => shape.write(view, call)).join("");
    return `<m:RootFolder ${attributes}><t:Items>${items}</t:Items></m:RootFolder>`;
  });
}

function search(request: Xml, folder: Folder, call: Call): { entries: ItemView[]; attributes: string } {
  for (const unsupported of [
    "SeekToConditionPageItemView",
    "GroupBy",
    "DistinguishedGroupBy",
    "QueryString",
  ]) {
    if (child(request, unsupported))
      throw new EwsError("ErrorInvalidOperation", `${unsupported} is not supported here.`);
  }
  const calendarView = child(request, "CalendarView");
  if (calendarView) return viewCalendar(request, calendarView, folder, call);
  const restriction = child(request, "Restriction");
  const matches = itemPredicate(restriction, call);
  const sortOrder = child(request, "SortOrder");
  const order = sortOrder && itemOrder(sortOrder, call);
  // Items are newest first; associated and soft-deleted ones are kept elsewhere.
  const shallow = attribute(request, "Traversal") === "Shallow" && !call.emptyListing;
  const found = (shallow ? call.items.itemsIn(folder.row) : []).map(whole).filter(matches);
  if (order) found.sort(order);
  const view =
    child(request, "IndexedPageItemView") ??
    child(request, "FractionalPageItemView") ??
    child(request, "ContactsView");
  return pageOf(found, view, restriction ? RESTRICTED_LIMIT : FIND_LIMIT);
}

/** Occurrences and single items that touch a span of time, by start; the only search that expands series. */
function viewCalendar(
  request: Xml,
  view: Xml,
  folder: Folder,
  call: Call,
): { entries: ItemView[]; attributes: string } {
  if (child(request, "Restriction") || child(request, "SortOrder")) {
    throw new EwsError("ErrorInvalidRequest", "A calendar view takes no restriction and no sort order.");
  }
  const from = readTime(attribute(view, "StartDate") ?? "", call.zone);
  const to = readTime(attribute(view, "EndDate") ?? "", call.zone);
  if (to < from) throw new EwsError("ErrorCalendarEndDateIsEarlierThanStartDate");
  const twoYears = new Date(from);
  twoYears.setUTCFullYear(twoYears.getUTCFullYear() + 2);
  if (to > twoYears.getTime()) throw new EwsError("ErrorCalendarViewRangeTooBig");
  if (!folder.class.startsWith("IPF.Appointment"))
    throw new EwsError("ErrorCalendarFolderIsInvalidForCalendarView");
  const items = call.emptyListing ? [] : call.items.itemsIn(folder.row);
  const views = items.flatMap((item) =>
    item.data.calendar?.rule ? occurrencesBetween(item, from, to) : [whole(item)],
  );
  const inside = views.filter((candidate) => {
    const { start, end } = candidate.data.calendar ?? { start: NaN, end: NaN };
    return start < to && (end > from || (start === end && start >= from));
  });
  inside.sort((a, b) => (a.data.calendar?.start ?? 0) - (b.data.calendar?.start ?? 0));
  const most = Math.min(Number(attribute(view, "MaxEntriesReturned") ?? FIND_LIMIT), FIND_LIMIT);
  const attributes = `TotalItemsInView="${inside.length}" IncludesLastItemInRange="${inside.length <= most}"`;
  return { entries: inside.slice(0, most), attributes };
}
