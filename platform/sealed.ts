import { createCipheriv, createDecipheriv, randomBytes } from "node:crypto";
import { Failure } from "../core/errors/failure.ts";

const format = 1;
const ivLength = 12;
const tagLength = 16;

/**
 * AES-256-GCM: `1 | iv (12) | tag (16) | ciphertext`. `context` is authenticated with it, so that what was sealed
 * for one place cannot be opened as if it came from another.
 */
export function seal(key: Buffer, context: string, plain: Buffer): Buffer {
  const iv = randomBytes(ivLength);
  const cipher = createCipheriv("aes-256-gcm", key, iv, { authTagLength: tagLength });
  cipher.setAAD(Buffer.from(context));
  const encrypted = Buffer.concat([cipher.update(plain), cipher.final()]);
  return Buffer.concat([Buffer.from([format]), iv, cipher.getAuthTag(), encrypted]);
}

/** @throws Failure `vault.unreadable` when key, context or content do not belong together */
export function open(key: Buffer, context: string, sealed: Buffer): Buffer {
  const body = 1 + ivLength + tagLength;
  if (sealed.length < body || sealed[0] !== format) throw new Failure("vault.unreadable");
  const decipher = createDecipheriv("aes-256-gcm", key, sealed.subarray(1, 1 + ivLength), {
    authTagLength: tagLength,
  });
  decipher.setAAD(Buffer.from(context));
  decipher.setAuthTag(sealed.subarray(1 + ivLength, body));
  try {
    return Buffer.concat([decipher.update(sealed.subarray(body)), decipher.final()]);
  } catch {
    throw new Failure("vault.unreadable");
  }
}
