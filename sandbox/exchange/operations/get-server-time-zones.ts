import { answerOne } from "../answers.ts";
import { definitionOf, displayName, serverZoneIds } from "../timezone-definition.ts";
import { attribute, child, children, el, write, type Xml } from "../xml.ts";

/** @see https://learn.microsoft.com/en-us/exchange/client-developer/web-service-reference/getservertimezones-operation */
export function getServerTimeZones(request: Xml): string {
  const ids = child(request, "Ids");
  const asked = ids && new Set(children(ids).map((id) => id.text ?? ""));
  const full = !["false", "0"].includes(attribute(request, "ReturnFullTimeZoneData") ?? "true");
  const found = serverZoneIds().filter((id) => !asked || asked.has(id));
  const zones = found.map((id) =>
    full
      ? definitionOf({ id }, "TimeZoneDefinition")
      : el("TimeZoneDefinition", undefined, { Id: id, Name: displayName(id) }),
  );
  return answerOne(
    "GetServerTimeZones",
    () => `<m:TimeZoneDefinitions>${zones.map(write).join("")}</m:TimeZoneDefinitions>`,
    "<m:TimeZoneDefinitions/>",
  );
}
