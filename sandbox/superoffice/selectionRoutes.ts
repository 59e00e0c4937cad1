import { persons } from "./archive/columns.ts";
import { archivePage } from "./archive/query.ts";
import type { Associates } from "./associates.ts";
import { checkedBody, idsBody } from "./bodies.ts";
import type { Office } from "./office.ts";
import { json, noContent, type Call, type Route } from "./router.ts";
import type { Selection, Selections } from "./selections.ts";
import { utcText } from "./time.ts";

type Carrier = {
  Name?: string | null;
  Associate?: { AssociateId?: number } | null;
  SelectionType?: Selection["kind"];
};

/** `/api/v1/Selection`; criteria of dynamic ones are set through `/control/` (their carriers are not published). */
export function selectionRoutes(office: Office, selections: Selections, associates: Associates): Route[] {
  const base = "/api/v1/Selection";
  const current = (call: Call): Selection => selections.get(Number(call.params["id"]));
  const entity = (selection: Selection, call: Call): Record<string, unknown> => ({
    SelectionId: selection.selectionId,
    Name: selection.name,
    Description: "",
    SelectionType: selection.kind,
    TargetTableName: "person",
    TargetTableNumber: 6,
    MemberCount: selections.members(selection).length,
    Associate: associates.carrier(selection.associateId),
    CreatedBy: associates.carrier(selection.createdBy),
    CreatedDate: utcText(selection.created, call.dates),
    UpdatedBy: associates.carrier(selection.updatedBy),
    UpdatedDate: utcText(selection.updated, call.dates),
    LastMembershipChange: utcText(selection.membersChanged, call.dates),
    SelectionUnionType: "Unknown",
    TableRight: null,
    FieldProperties: {},
  });

  return [
    {
      method: "GET",
      template: `${base}/{id}`,
      run: (call) => json("SelectionEntity", entity(current(call), call)),
    },
    {
      method: "POST",
      template: base,
      run(call) {
        const carrier = checkedBody<Carrier>(office, call.body, "SelectionEntity");
        const by = call.principal.associateId;
        const wish = {
          associateId: carrier.Associate?.AssociateId ?? by,
          name: carrier.Name ?? "",
          kind: "Static" as const,
          filter: "",
        };
        return json(
          "SelectionEntity",
          entity(
            office.write(() => selections.create(wish, by)),
            call,
          ),
        );
      },
    },
    {
      method: "DELETE",
      template: `${base}/{id}`,
      run(call) {
        office.write(() => selections.remove(current(call).selectionId));
        return noContent;
      },
    },
    {
      method: "GET",
      template: `${base}/{id}/Members`,
      run: (call) =>
        json(
          "ArchivePage",
          archivePage(office, persons, membersCall(office, call), selections.condition(current(call))),
        ),
    },
    {
      method: "POST",
      template: `${base}/{id}/Members/Add`,
      run(call) {
        const ids = idsBody(office, call.body);
        return json(
          "Number",
          office.write(() => selections.add(current(call), ids)),
        );
      },
    },
    {
      method: "POST",
      template: `${base}/{id}/Members/Remove`,
      run(call) {
        const ids = idsBody(office, call.body);
        office.write(() => selections.leave(current(call), ids));
        return noContent;
      },
    },
  ];
}

/** The call as the list of members understands it: a page is left to the server where only columns can be chosen. */
function membersCall(office: Office, call: Call): Call {
  if (office.switches.membersQuery === "odata") return call;
  const heard = new Set(["$select", "$mode", "$format", "$skip"]);
  const query = new URLSearchParams([...call.query].filter(([name]) => heard.has(name.toLowerCase())));
  return { ...call, query };
}
