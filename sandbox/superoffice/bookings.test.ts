import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openOffice, type Json, type TestOffice } from "./testOffice.ts";

describe("meetings and UIDs", () => {
  let office: TestOffice;
  beforeAll(async () => {
    office = await openOffice();
  });
  afterAll(async () => {
    expect(office.office.counters().answers.invalid).toBe(0);
    await office.close();
  });

  const agent = (name: string, body: unknown) => office.call("POST", `/Agents/Appointment/${name}`, body);
  const meeting = (changes: Json = {}): Json => ({
    Associate: { AssociateId: office.ada.associateId },
    Title: "Planning",
    StartDate: "2026-04-01T08:00:00Z",
    EndDate: "2026-04-01T09:00:00Z",
    Participants: [{ AssociateId: 101 }, { AssociateId: 102, SendEmail: false }],
    ...changes,
  });
  const slaveOf = async (motherId: unknown): Promise<Json> => {
    const page = await office.call(
      "GET",
      `/Appointment?$select=appointmentId,rawStatus&$filter=associateId eq 102 and booking set true&$orderby=appointmentId desc`,
    );
    for (const row of page.body["value"] as Json[]) {
      const entity = (await office.call("GET", `/Appointment/${String(row["appointmentId"])}`)).body;
      if (entity["MotherId"] === motherId) return { ...entity, rawStatus: row["rawStatus"] };
    }
    return {};
  };

  it("gives each participating associate a slave that becomes a diary entry on acceptance", async () => {
    const mother = (await office.call("POST", "/Appointment", meeting())).body;
    expect(mother).toMatchObject({
      BookingType: "Owner",
      MotherId: mother["AppointmentId"],
      Type: "inDiary",
    });
    const slave = await slaveOf(mother["AppointmentId"]);
    expect(slave).toMatchObject({
      Type: "BookingForDiary",
      BookingType: "Participant",
      InvitationStatus: "Invitation",
      rawStatus: 5,
      Associate: { AssociateId: 102 },
      MotherAssociate: { AssociateId: 101 },
    });
    expect(
      (await agent("Accept", { AppointmentId: slave["AppointmentId"], UpdateMode: "OnlyThis" })).status,
    ).toBe(204);
    expect(await slaveOf(mother["AppointmentId"])).toMatchObject({
      Type: "inDiary",
      InvitationStatus: "Accepted",
    });
    const seen = (await office.call("GET", `/Appointment/${String(mother["AppointmentId"])}`)).body;
    expect((seen["Participants"] as Json[]).map((participant) => participant["InvitationStatus"])).toEqual([
      "Accepted",
      "Accepted",
    ]);
    await office.call("PATCH", `/Appointment/${String(mother["AppointmentId"])}`, {
      StartDate: "2026-04-01T10:00:00Z",
      EndDate: "2026-04-01T11:00:00Z",
    });
    expect(await slaveOf(mother["AppointmentId"])).toMatchObject({
      StartDate: "2026-04-01T10:00:00Z",
      Type: "BookingForDiary",
      InvitationStatus: "Moved",
    });
  });

  it("cancels the slave when the mother is deleted or the person uninvited", async () => {
    const mother = (await office.call("POST", "/Appointment", meeting())).body;
    await office.call("DELETE", `/Appointment/${String(mother["AppointmentId"])}`);
    expect(await slaveOf(mother["AppointmentId"])).toMatchObject({
      InvitationStatus: "Cancelled",
      rawStatus: 10,
    });
    office.office.configure({ slavesOfDeletedMother: "removed" });
    const other = (await office.call("POST", "/Appointment", meeting())).body;
    await office.call("PATCH", `/Appointment/${String(other["AppointmentId"])}`, {
      Participants: [{ AssociateId: 101 }],
    });
    expect(await slaveOf(other["AppointmentId"])).toEqual({});
    office.office.configure({ slavesOfDeletedMother: "cancelled" });
  });

  it("counts a mail only where a participant wants one", async () => {
    const { attendeeMails } = office.frame.context;
    const before = attendeeMails.count();
    await office.call("POST", "/Appointment", meeting());
    expect(attendeeMails.count()).toBe(before);
    const mailed = { Participants: [{ AssociateId: 102, SendEmail: true }] };
    await office.call("POST", "/Appointment", meeting(mailed));
    expect(attendeeMails.count()).toBe(before + 1);
    expect(attendeeMails.list().at(-1)).toMatchObject({
      to: [office.ben.address],
      operation: "POST /Appointment",
    });
    await agent("Save", {
      AppointmentEntity: meeting(mailed),
      UpdateMode: "OnlyThis",
      SendEmailToParticipants: false,
    });
    expect(attendeeMails.count()).toBe(before + 1);
  });

  it("creates once per UID, finds by it and tells it, in either case of the members", async () => {
    const entity = meeting({ Participants: [] });
    const made = await agent("CreateAppointmentForUID", { AppointmentEntity: entity, UID: "uid-1" });
    expect(made.body["AppointmentId"]).toBeTypeOf("number");
    expect(
      (await agent("CreateAppointmentForUID", { appointmentEntity: entity, uid: "uid-1" })).body,
    ).toBeNull();
    expect((await agent("GetAppointmentFromUID", { UID: "uid-1" })).body["AppointmentId"]).toBe(
      made.body["AppointmentId"],
    );
    expect((await agent("GetAppointmentFromUID", { UID: "nobody" })).body["AppointmentId"]).toBe(0);
    office.office.configure({ unknownUid: "null" });
    expect((await agent("GetAppointmentFromUID", { UID: "nobody" })).body).toBeNull();
    const uid = await agent("GetUIDFromAppointmentId", {
      AppointmentId: made.body["AppointmentId"],
      UseMotherId: false,
    });
    expect(uid.body).toBe("uid-1");
    await office.call("DELETE", `/Appointment/${String(made.body["AppointmentId"])}`);
    expect((await agent("GetAppointmentFromUID", { UID: "uid-1" })).body).toBeNull();
  });

  it("answers Agents calls for nobody with null, and bad bodies with 400", async () => {
    const none = await office.call(
      "POST",
      "/Agents/Appointment/GetAppointmentEntity?appointmentEntityId=999999",
    );
    expect([none.status, none.body]).toEqual([200, null]);
    expect((await agent("CreateAppointmentForUID", { UID: "x" })).status).toBe(400);
    expect((await agent("NoSuchMethod", {})).status).toBe(404);
  });

  it("takes primary keys as a bare array, and as an object where the switch allows it", async () => {
    const associates = (body: unknown) => office.call("POST", "/Agents/Associate/GetAssociateList", body);
    expect((await associates([102, 77])).body).toMatchObject([
      { AssociateId: 102, Type: "InternalAssociate" },
    ]);
    expect((await associates({ AssociateIds: [102] })).status).toBe(400);
    office.office.configure({ idListBody: "any" });
    expect((await associates({ AssociateIds: [102] })).body).toHaveLength(1);
  });

  it("lists a diary with titles in one call", async () => {
    await office.call(
      "POST",
      "/Appointment",
      meeting({
        Participants: [],
        Title: "Alone",
        StartDate: "2026-08-01T08:00:00Z",
        EndDate: "2026-08-01T09:00:00Z",
      }),
    );
    const diary = await agent("GetAssociateDiary", {
      AssociateId: 101,
      StartTime: "2026-08-01T00:00:00Z",
      EndTime: "2026-08-02T00:00:00Z",
    });
    expect((diary.body as unknown as Json[]).map((row) => row["Title"])).toEqual(["Alone"]);
  });
});
