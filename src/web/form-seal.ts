import { createHmac, timingSafeEqual } from 'node:crypto';
import type { HmacKeys } from '../domain/keys.ts';

const shortest = 2_000;
const longest = 3_600_000;

/** Whether a form was filled in like a person does: not at once, and not hours later (email.md §2.6). */
export type FormAge = 'fine' | 'too-quick' | 'stale';

/** A hidden field that says when the form was shown, and for what; only we can make it. */
export function sealForm(keys: HmacKeys, purpose: string, now: number): string {
  const time = now.toString(36);
  return `${time}.${mac(keys.secrets[0], purpose, time)}`;
}

/** A field that is missing, forged or of another form counts as stale: the person gets a fresh one. */
export function ageOfForm(keys: HmacKeys, purpose: string, field: string | undefined, now: number): FormAge {
  const [time = '', sealed = ''] = (field ?? '').split('.', 2);
  const given = Buffer.from(sealed);
  const ours = keys.secrets.some((secret) => {
    const expected = Buffer.from(mac(secret, purpose, time));
    return expected.length === given.length && timingSafeEqual(expected, given);
  });
  const age = now - Number.parseInt(time, 36);
  if (!ours || age > longest) return 'stale';
  return age < shortest ? 'too-quick' : 'fine';
}

function mac(secret: Buffer, purpose: string, time: string): string {
  return createHmac('sha256', secret).update(`form:${purpose}:${time}`).digest('base64url').slice(0, 22);
}
