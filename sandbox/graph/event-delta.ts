import type { ItemView } from "../exchange/model.ts";
import { whole } from "../exchange/series.ts";
import type { ItemChange } from "../exchange/store.ts";
import { deltaPage, deltaState, refuseParameters, removed } from "./delta.ts";
import { eventType, readEvent, times } from "./event-read.ts";
import { calendarOf, inside, windowOf } from "./events.ts";
import { etag, type GraphRequest } from "./request.ts";

type Entity = Record<string, unknown>;

/** Query parameters that a delta of a calendar view does not take. */
const refused = ["$select", "$expand", "$filter", "$orderby", "$search", "$top"];

/**
 * Changes of the events in a fixed window.
 * @see https://learn.microsoft.com/graph/api/event-delta
 */
export function calendarViewDelta(request: GraphRequest): Entity {
  refuseParameters(request, refused);
  const state = deltaState(request, calendarOf(request).row, () => ({ window: windowOf(request) }));
  const { from, to } = state.window ?? windowOf(request);
  return deltaPage(request, state, "calendarView", (change) => tell(change, from, to, state.since, request));
}

function tell(change: ItemChange, from: number, to: number, since: number, request: GraphRequest): Entity[] {
  const gone = (): Entity[] => [removed(request.idOf({ kind: "item", row: change.row }), "event")];
  const item = change.change === "delete" ? undefined : request.call.items.item(change.row);
  if (!item) return change.change === "delete" ? gone() : [];
  const master = whole(item);
  const found = inside(master, from, to);
  if (found.length === 0) {
    const known = change.change !== "create" || request.switches.removedOutsideWindow;
    return since > 0 && known ? gone() : [];
  }
  if (master.type !== "RecurringMaster") return [withType(readEvent(master, request))];
  return [
    ...(request.switches.deltaMasters ? [withType(readEvent(master, request))] : []),
    ...found.map((view) => occurrence(view, request)),
    ...(since > 0 ? deletedOccurrences(master, from, to, request) : []),
  ];
}

const withType = (entity: Entity): Entity => ({ "@odata.type": "#microsoft.graph.event", ...entity });

/** Changed occurrences are told in full, the others as the switch says. */
function occurrence(view: ItemView, request: GraphRequest): Entity {
  if (view.type === "Exception" || request.switches.deltaOccurrences === "full") {
    return withType(readEvent(view, request));
  }
  return withType({
    "@odata.etag": etag(request.changeKey(view.item)),
    id: request.itemId(view),
    seriesMasterId: request.itemId({ item: view.item }),
    type: eventType(view),
    ...times(view, request.prefer.zone),
  });
}

function deletedOccurrences({ item }: ItemView, from: number, to: number, request: GraphRequest): Entity[] {
  if (request.switches.deletedOccurrences === "silent") return [];
  const gone = (item.data.calendar?.deleted ?? []).filter((start) => start >= from && start < to);
  return gone.map((originalStart) =>
    removed(request.idOf({ kind: "occurrence", row: item.row, originalStart }), "event"),
  );
}
