import { checkedBody, checkedPatch } from "./bodies.ts";
import type { Office } from "./office.ts";
import { applyPatch } from "./patch.ts";
import type { People } from "./people.ts";
import { lastModified, notModified, requireUnmodified } from "./preconditions.ts";
import { selected } from "./appointmentRoutes.ts";
import { json, noContent, type Call, type Reply, type Route } from "./router.ts";
import type { SchemaName } from "./validation.ts";

type Json = Record<string, unknown>;

/** One major entity with its rows, as REST needs it. */
interface Kind<Row extends { updated: number }> {
  name: string;
  schema: SchemaName;
  fresh(by: number): Row;
  get(id: number): Row;
  read(row: Row, entity: Json, call: Call): Row;
  write(row: Row, call: Call): Json;
  save(row: Row, by: number): number;
  remove(id: number): void;
}

/** `/api/v1/Person` and `/api/v1/Contact`, one entity at a time. */
export function peopleRoutes(office: Office, people: People): Route[] {
  return [
    ...entityRoutes(office, {
      name: "Person",
      schema: "PersonEntity",
      fresh: (by) => people.newPerson(by),
      get: (id) => people.getPerson(id),
      read: (row, entity, call) => people.readPerson(row, entity, call.dates),
      write: (row, call) => people.personEntity(row, call.dates),
      save: (row, by) => people.savePerson(row, by),
      remove: (id) => people.removePerson(id),
    }),
    ...entityRoutes(office, {
      name: "Contact",
      schema: "ContactEntity",
      fresh: (by) => people.newContact(by),
      get: (id) => people.getContact(id),
      read: (row, entity) => people.readContact(row, entity),
      write: (row, call) => people.contactEntity(row, call.dates),
      save: (row, by) => people.saveContact(row, by),
      remove: (id) => people.removeContact(id),
    }),
  ];
}

function entityRoutes<Row extends { updated: number }>(office: Office, kind: Kind<Row>): Route[] {
  const base = `/api/v1/${kind.name}`;
  const idOf = (call: Call): number => Number(call.params["id"]);
  const reply = (call: Call, row: Row): Reply => ({
    ...json(kind.schema, selected(call, kind.write(row, call))),
    headers: lastModified(row.updated),
  });
  const body = (call: Call): Json => checkedBody<Json>(office, call.body, kind.schema);
  const store = (call: Call, row: Row, entity: Json): Row =>
    kind.get(kind.save(kind.read(row, entity, call), call.principal.associateId));
  const current = (call: Call): Row => {
    const row = kind.get(idOf(call));
    requireUnmodified(call.headers["if-unmodified-since"], row.updated, `${kind.name} ${idOf(call)}`);
    return row;
  };

  return [
    {
      method: "GET",
      template: `${base}/default`,
      run: (call) => json(kind.schema, kind.write(kind.fresh(call.principal.associateId), call)),
    },
    {
      method: "GET",
      template: `${base}/{id}`,
      run: (call) => {
        const row = kind.get(idOf(call));
        if (notModified(call.headers["if-modified-since"], row.updated)) return { status: 304 };
        return reply(call, row);
      },
    },
    {
      method: "POST",
      template: base,
      run: (call) => {
        const entity = body(call);
        return reply(
          call,
          office.write(() => store(call, kind.fresh(call.principal.associateId), entity)),
        );
      },
    },
    {
      method: "PUT",
      template: `${base}/{id}`,
      run: (call) => {
        const entity = body(call);
        return reply(
          call,
          office.write(() => store(call, current(call), entity)),
        );
      },
    },
    {
      method: "PATCH",
      template: `${base}/{id}`,
      run: (call) => {
        const patch = checkedPatch(office, call.body);
        const saved = office.write(() => {
          const row = current(call);
          const patched = applyPatch(kind.write(row, call), patch);
          office.validation.request(kind.schema, patched);
          return store(call, row, patched);
        });
        return reply(call, saved);
      },
    },
    {
      method: "DELETE",
      template: `${base}/{id}`,
      run: (call) => {
        office.write(() => {
          current(call);
          kind.remove(idOf(call));
        });
        return noContent;
      },
    },
  ];
}
