import type { AppointmentEntity } from "./wire.ts";

/** Other people on a row, and whether it is somebody else's. */
export function participation(
  entity: AppointmentEntity,
  associateId: number,
): { participants: number; invited: boolean } {
  const others = (entity.Participants ?? []).filter(
    (participant) =>
      participant !== null &&
      participant.AssociateId !== associateId &&
      ((participant.AssociateId ?? 0) > 0 || (participant.PersonId ?? 0) > 0),
  ).length;
  const mother = entity.MotherId ?? 0;
  const invited =
    entity.BookingType === "Participant" ||
    (mother !== 0 && mother !== entity.AppointmentId && entity.BookingType !== "Owner");
  return { participants: Math.max(others, invited || entity.BookingType === "Owner" ? 1 : 0), invited };
}
