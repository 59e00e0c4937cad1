import { EwsError, EwsFault } from "./errors.ts";
import { el, escape, write } from "./xml.ts";

/** Runs the request's items one by one; a refusal of one is that item's answer and leaves the others alone. */
export function answerEach<T>(
  operation: string,
  items: T[],
  work: (item: T) => string,
  onError = "",
): string {
  const messages = items.map((item) => {
    try {
      return success(operation, work(item));
    } catch (error) {
      if (error instanceof EwsFault || !(error instanceof EwsError)) throw error;
      return failure(operation, error, onError);
    }
  });
  return wrap(operation, messages.join(""));
}

/** The answer of an operation that has one response message only. */
export function answerOne(operation: string, work: () => string, onError = ""): string {
  return answerEach(operation, [undefined], work, onError);
}

function wrap(operation: string, messages: string): string {
  return `<m:${operation}Response><m:ResponseMessages>${messages}</m:ResponseMessages></m:${operation}Response>`;
}

function success(operation: string, content: string): string {
  const name = `m:${operation}ResponseMessage`;
  return `<${name} ResponseClass="Success"><m:ResponseCode>NoError</m:ResponseCode>${content}</${name}>`;
}

/** A warning keeps its content; only ResolveNames has one. */
export function warning(operation: string, code: string, text: string, content: string): string {
  const name = `m:${operation}ResponseMessage`;
  return wrap(
    operation,
    `<${name} ResponseClass="Warning"><m:MessageText>${escape(text)}</m:MessageText>` +
      `<m:ResponseCode>${code}</m:ResponseCode><m:DescriptiveLinkKey>0</m:DescriptiveLinkKey>${content}</${name}>`,
  );
}

function failure(operation: string, error: EwsError, content: string): string {
  const name = `m:${operation}ResponseMessage`;
  const values = Object.entries(error.values).map(([key, value]) => write(el("Value", value, { Name: key })));
  const messageXml = values.length > 0 ? `<m:MessageXml>${values.join("")}</m:MessageXml>` : "";
  return (
    `<${name} ResponseClass="Error"><m:MessageText>${escape(error.message)}</m:MessageText>` +
    `<m:ResponseCode>${error.code}</m:ResponseCode><m:DescriptiveLinkKey>0</m:DescriptiveLinkKey>` +
    `${messageXml}${content}</${name}>`
  );
}
