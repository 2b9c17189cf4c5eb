import { prepareCopies } from '../../src/deliver/copies.ts';
import { createKeyring } from '../../src/deliver/keyring.ts';
import { fromWireMessage } from '../../src/deliver/wire-message.ts';
import { findField, readHead } from '../../src/mail/headers.ts';
import type { Desk } from './desk.ts';

/** What goes over the wire of one mailing, but for what is personal. */
export interface OutgoingMail {
  readonly kind: string;
  readonly raw: Buffer;
  header(name: string): string | undefined;
}

/** Every mailing that was made since the last call, oldest first, as the worker would send it. */
export async function takeOutgoing(desk: Desk): Promise<readonly OutgoingMail[]> {
  const after = taken.get(desk) ?? 0;
  const rows = await desk.store.read((db) =>
    db.selectFrom('mailings').select(['id', 'kind']).where('id', '>', after).orderBy('id').execute(),
  );
  taken.set(desk, rows.at(-1)?.id ?? after);
  const mails: OutgoingMail[] = [];
  for (const { id, kind } of rows) {
    const { message } = await prepareCopies(desk.store, id, {
      keys: desk.keys,
      site: desk.site,
      personalize: 'auto',
      signs: false,
      seals: false,
      keyring: createKeyring(),
    });
    const raw = await fromWireMessage(message);
    const head = readHead(raw);
    mails.push({ kind, raw, header: (name) => findField(head, name.toLowerCase())?.value });
  }
  return mails;
}

const taken = new WeakMap<Desk, number>();
