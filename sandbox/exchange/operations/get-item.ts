import { answerEach } from "../answers.ts";
import type { Call } from "../call.ts";
import { ItemShape } from "../shape.ts";
import { child, children, type Xml } from "../xml.ts";

/** @see https://learn.microsoft.com/en-us/exchange/client-developer/web-service-reference/getitem-operation */
export function getItem(request: Xml, call: Call): string {
  const shape = new ItemShape(request, false);
  return answerEach(
    "GetItem",
    children(child(request, "ItemIds")),
    (id) => `<m:Items>${shape.write(call.view(id), call)}</m:Items>`,
    "<m:Items/>",
  );
}
