import { associateCarrier, type AssociateRow, type Associates } from "./associates.ts";
import { idsBody } from "./bodies.ts";
import { countryList } from "./countries.ts";
import { notFound } from "./errors.ts";
import type { Office } from "./office.ts";
import { json, type Route } from "./router.ts";
import { FOLLOW_UP_TYPES, followUpType, taskCarrier } from "./tasks.ts";
import { BASE_ZONE, ZONES } from "./time.ts";
import { DateTime } from "luxon";

/** Lists, associates, the principal and the versions page. */
export function listRoutes(office: Office, associates: Associates): Route[] {
  const mdoLists: Record<string, () => unknown[]> = {
    associate: () => associates.all().map((row) => associateItem(row, row.full_name)),
    associatewithmail: () =>
      associates
        .all()
        .map((row) => associateItem(row, row.address ? `${row.full_name} <${row.address}>` : row.full_name)),
    task: () => FOLLOW_UP_TYPES.map((type) => item(type.id, type.name, type.id, "", "")),
    country: () => countryList().map(({ id, name }) => item(id, name, 0, "", "")),
    priority: () => PRIORITIES.map(([id, name]) => item(id, name, id, "", "")),
  };

  return [
    { method: "GET", template: "/api", run: () => json("ApiVersion", version(office)) },
    {
      method: "GET",
      template: "/api/v1/User/currentPrincipal",
      run: (call) => json("Principal", associates.principal(call.principal.associateId)),
    },
    {
      method: "GET",
      template: "/api/v1/MDOList/{name}",
      run: (call) => {
        const list = mdoLists[call.params["name"]?.toLowerCase() ?? ""];
        if (!list) throw notFound(`List '${call.params["name"]}' not found`);
        return json("MDOList", call.empty ? [] : list());
      },
    },
    {
      method: "GET",
      template: "/api/v1/List/Task/Items",
      run: (call) => json("TaskListItems", call.empty ? [] : FOLLOW_UP_TYPES.map(taskCarrier)),
    },
    {
      method: "GET",
      template: "/api/v1/List/Task/Items/{id}",
      run: (call) => {
        const type = followUpType(Number(call.params["id"]));
        if (!type) throw notFound(`TaskListItem id ${call.params["id"]} not found`);
        return json("TaskListItem", taskCarrier(type));
      },
    },
    { method: "GET", template: "/api/v1/timezone", run: () => json("TimeZones", timeZones(office)) },
    {
      method: "POST",
      template: "/api/v1/Agents/Associate/GetAssociateList",
      run: (call) => {
        const found = idsBody(office, call.body).flatMap((id) => associates.find(id) ?? []);
        return json("Associates", call.empty ? [] : found.map(associateCarrier));
      },
    },
    {
      method: "POST",
      template: "/api/v1/Agents/Associate/GetAssociate",
      run: (call) => json("AssociateOrNull", associates.carrier(Number(call.query.get("associateId")))),
    },
  ];
}

export const PRIORITIES: [number, string][] = [
  [1, "Low"],
  [2, "Medium"],
  [3, "High"],
];

function associateItem(row: AssociateRow, name: string): Record<string, unknown> {
  // Both lists name person and company so: mdo-providers/reference/associatewithmail.md, "Sample Output".
  const extra = `person_id=${row.person_id}&contact_id=${row.contact_id}`;
  return { ...item(row.associate_id, name, 0, extra, row.full_name), Deleted: row.retired === 1 };
}

function item(
  id: number,
  name: string,
  rank: number,
  extraInfo: string,
  fullName: string,
): Record<string, unknown> {
  return {
    Id: id,
    Name: name,
    ToolTip: "",
    Deleted: false,
    Rank: rank,
    Type: "",
    ChildItems: [],
    IconHint: "",
    ColorBlock: 0,
    ExtraInfo: extraInfo,
    StyleHint: "",
    FullName: fullName,
    TableRight: null,
    FieldProperties: {},
  };
}

function version(office: Office): Record<string, unknown> {
  return {
    v1: `${office.baseUrl}/api/v1/`,
    NetServerVersion: "10.5.0.0",
    NetServerAssembly: "10.5.0.0",
    NetServerDate: "2026-01-01",
    NetServer: "SuperOffice sandbox",
    Services: "Services88",
    ServicesCurrent: "Services88",
    Version: "v1",
  };
}

function timeZones(office: Office): Record<string, unknown> {
  const year = new Date(office.now()).getUTCFullYear();
  const offset = (iana: string, month: number): string =>
    DateTime.utc(year, month, 1).setZone(iana).toFormat("ZZ");
  return {
    "odata.metadata": `${office.baseUrl}/api/v1/archive$metadata`,
    value: ZONES.map((zone) => ({
      PrimaryKey: zone.id,
      EntityName: "timezone",
      id: zone.id,
      timeZone: zone.code,
      country: zone.country,
      region: zone.region,
      offset: offset(zone.iana, 1),
      daylight: offset(zone.iana, 7) === offset(zone.iana, 1) ? "" : offset(zone.iana, 7),
      isActive: 1,
      isBase: zone.iana === BASE_ZONE,
    })),
  };
}
