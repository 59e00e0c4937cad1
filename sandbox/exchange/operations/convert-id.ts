import { answerEach } from "../answers.ts";
import type { Call } from "../call.ts";
import { EwsError } from "../errors.ts";
import { formatId, parseId, type IdFormat } from "../ids.ts";
import { attribute, child, children, escape, type Xml } from "../xml.ts";

/** @see https://learn.microsoft.com/en-us/exchange/client-developer/web-service-reference/convertid-operation */
export function convertId(request: Xml, call: Call): string {
  const format = attribute(request, "DestinationFormat") as IdFormat;
  return answerEach("ConvertId", children(child(request, "SourceIds")), (source) => {
    if (source.name !== "AlternateId")
      throw new EwsError("ErrorInvalidOperation", "There are no public folders.");
    const id = parseId(attribute(source, "Id") ?? "", attribute(source, "Format") as IdFormat);
    const owner = call.server.context.directory.byAddress(attribute(source, "Mailbox") ?? "");
    if (!owner) throw new EwsError("ErrorNonExistentMailbox");
    const attributes = `Format="${format}" Id="${escape(formatId(id, format))}" Mailbox="${escape(owner.address)}"`;
    return `<m:AlternateId xsi:type="t:AlternateIdType" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" ${attributes}/>`;
  });
}
