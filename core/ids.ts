/** Ids carry brands so that one cannot be handed over as another. All but associate ids are UUIDs. */
declare const brand: unique symbol;
type Branded<Value, Name extends string> = Value & { readonly [brand]: Name };

export type OrganizationId = Branded<string, "OrganizationId">;
export type UserId = Branded<string, "UserId">;
export type CommandId = Branded<string, "CommandId">;
export type ConnectionId = Branded<string, "ConnectionId">;
export type MailboxId = Branded<string, "MailboxId">;
export type InvitationId = Branded<string, "InvitationId">;
export type ItemLinkId = Branded<string, "ItemLinkId">;
export type IntentId = Branded<string, "IntentId">;
/** SuperOffice's own number of one of its users. */
export type AssociateId = Branded<number, "AssociateId">;
